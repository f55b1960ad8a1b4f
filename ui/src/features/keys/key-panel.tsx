import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { ApiKey } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { PolicySection } from "@/features/policies/policy-section";
import { KeyRunaway } from "@/features/runaway/key-runaway";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { callsUrl, urls } from "@/lib/urls";
import { Link } from "react-router";
import { KeyForm, type KeyDraft } from "./key-form";
import { KeyStateMark } from "./keys-page";
import { NewKeyShown } from "./new-key-shown";

export function KeyPanel() {
  const t = useT();
  const { keyId = "" } = useParams();
  const navigate = useNavigate();
  const query = useQuery(queries.keys());
  const close = () => void navigate(urls.keys());
  const key = query.data?.items.find((one) => one.id === keyId);
  const making = keyId === "new";
  const title = making ? t("keysPage.make") : (key?.name ?? t("keysPage.key"));
  return (
    <SidePanel label={title} title={title} onClose={close}>
      {making ? <MakeKey /> : key !== undefined ? <EditKey key={key.id} apiKey={key} /> : query.isPending ? <SkeletonRows rows={4} /> : <EmptyState title={t("error.notFound")} />}
    </SidePanel>
  );
}

function MakeKey() {
  const t = useT();
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: (draft: KeyDraft) => unwrap(client.POST("/api/api-keys", { body: draft })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (make.data !== undefined) return <NewKeyShown secret={make.data.key} />;
  return (
    <div className="max-w-md p-4">
      <KeyForm initial={{ name: "", permissions: ["gateway"], allowed_models: [], expires_at: null }} onSubmit={(draft) => make.mutate(draft)} error={make.error === null ? undefined : errorSentence(make.error, t)}>
        <Button type="submit" disabled={make.isPending}>
          {t("keysPage.makeKey")}
        </Button>
      </KeyForm>
    </div>
  );
}

function EditKey({ apiKey }: { apiKey: ApiKey }) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const owner = canAdminister(me, team);
  const [shown, setShown] = useState<string | null>(null);
  const reload = () => queryClient.invalidateQueries({ queryKey: ["keys"] });
  const fail = (error: Error) => showToast("failed", errorSentence(error, t));
  const path = { params: { path: { id: apiKey.id } } };
  const change = useMutation({
    mutationFn: (body: Partial<KeyDraft> & { is_active?: boolean }) => unwrap(client.PATCH("/api/api-keys/{id}", { ...path, body })),
    onSuccess: () => {
      showToast("done", t("common.saved"));
      return reload();
    },
  });
  const renew = useMutation({
    mutationFn: () => unwrap(client.POST("/api/api-keys/{id}/regenerate", path)),
    onSuccess: (made) => {
      setShown(made.key);
      return reload();
    },
    onError: fail,
  });
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/api-keys/{id}", path)),
    onSuccess: async () => {
      await reload();
      void navigate(urls.keys());
    },
    onError: fail,
  });
  if (shown !== null) return <NewKeyShown secret={shown} />;
  return (
    <div className="flex max-w-2xl flex-col gap-6 p-4 *:not-last:max-w-md">
      <p className="flex items-center gap-3 text-sm">
        <code className="text-xs">{apiKey.hint}</code>
        <KeyStateMark apiKey={apiKey} />
        <Link to={callsUrl({ key_id: apiKey.id })} className="ml-auto text-link hover:underline">
          {t("keysPage.itsCalls")}
        </Link>
      </p>
      <KeyForm
        initial={{ name: apiKey.name, permissions: apiKey.permissions, allowed_models: apiKey.allowed_models, expires_at: apiKey.expires_at ?? null }}
        onSubmit={(draft) => change.mutate(draft)}
        error={change.error === null ? undefined : errorSentence(change.error, t)}
      >
        <Button type="submit" disabled={change.isPending}>
          {t("common.save")}
        </Button>
      </KeyForm>
      <div className="border-t pt-4">
        <PolicySection speaker="api-keys" id={apiKey.id} editable={owner} />
      </div>
      <div className="max-w-2xl! border-t pt-4">
        <KeyRunaway keyId={apiKey.id} teamId={team} editable={owner} />
      </div>
      <div className="flex flex-wrap gap-2 border-t pt-4">
        <Button variant="outline" disabled={change.isPending} onClick={() => change.mutate({ is_active: !apiKey.is_active })}>
          {t(apiKey.is_active ? "keysPage.revoke" : "keysPage.reactivate")}
        </Button>
        <ConfirmButton label={t("keysPage.regenerate")} question={t("keysPage.regenerateSure")} onConfirm={() => renew.mutate()} />
        <ConfirmButton label={t("common.delete")} question={t("keysPage.deleteSure")} onConfirm={() => remove.mutate()} />
      </div>
    </div>
  );
}
