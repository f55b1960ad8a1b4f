import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import type { Provider } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";

/** The secrets a provider is called with. One goes in and is never shown again. */
export function Credentials({ provider, editable }: { provider: Provider; editable: boolean }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const reload = () => queryClient.invalidateQueries({ queryKey: ["providers"] });
  const add = useMutation({
    mutationFn: () => unwrap(client.POST("/api/providers/{id}/credentials", { params: { path: { id: provider.id } }, body: { name: name.trim(), secret } })),
    onSuccess: () => {
      setName("");
      setSecret("");
      return reload();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE("/api/providers/{id}/credentials/{credential_id}", { params: { path: { id: provider.id, credential_id: id } } })),
    onSuccess: reload,
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  return (
    <section className="flex flex-col gap-3 border-t pt-4">
      <h2 className="text-sm font-semibold">{t("models.credentials")}</h2>
      <ul className="text-sm">
        {provider.credentials.map((one) => (
          <li key={one.id} className="flex h-9 items-center gap-3 border-b">
            <span className="font-medium">{one.name}</span>
            <code className="text-xs text-muted-foreground">…{one.hint}</code>
            {editable && (
              <Button variant="ghost" size="sm" className="ml-auto" onClick={() => remove.mutate(one.id)}>
                {t("common.delete")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {editable && (
        <form
          className="grid grid-cols-[1fr_1fr_auto] items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Field label={t("common.name")}>{(props) => <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
          <Field label={t("models.secret")}>{(props) => <Input {...props} required type="password" autoComplete="off" value={secret} onChange={(event) => setSecret(event.target.value)} />}</Field>
          <Button type="submit" variant="outline" disabled={add.isPending}>
            {t("models.addCredential")}
          </Button>
        </form>
      )}
      {add.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(add.error, t)}</p>}
    </section>
  );
}
