import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { CodeBlock } from "@/components/code-block";
import { Skeleton } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import { installs, languages, snippet, type Language } from "./snippets";

const names: Record<Language, string> = { python: "Python", node: "Node", curl: "curl" };

/** Stands where the key will be until one is made. */
const KEY_PLACE = "aop-...";

export function SnippetStep() {
  const t = useT();
  const queryClient = useQueryClient();
  const info = useQuery(queries.info());
  const [language, setLanguage] = useState<Language>("python");
  const make = useMutation({
    mutationFn: () => unwrap(client.POST("/api/api-keys", { body: { name: t("start.keyName"), permissions: ["gateway"], allowed_models: [] } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (info.data === undefined) return <Skeleton className="h-64 w-full" />;
  const facts = { baseUrl: info.data.gateway_url, apiKey: make.data?.key ?? KEY_PLACE, model: info.data.example_model ?? "gpt-4o-mini" };
  const install = installs[language];
  return (
    <div className="flex flex-col gap-3">
      {make.data === undefined ? (
        <div className="flex flex-wrap items-center gap-3">
          <Button disabled={make.isPending} onClick={() => make.mutate()}>
            {t("start.makeKey")}
          </Button>
          <span className="text-sm text-muted-foreground">{t("start.makeKeyBody")}</span>
        </div>
      ) : (
        <p className="text-sm text-muted-foreground">{t("start.keyInside")}</p>
      )}
      {make.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(make.error, t)}</p>}
      <div className="min-w-0 rounded-md bg-sunken">
        <div role="tablist" aria-label={t("start.copy")} className="flex gap-1 border-b px-2 pt-1">
          {languages.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={one === language} onClick={() => setLanguage(one)} className={cn("-mb-px h-8 border-b-2 border-transparent px-2 text-xs text-muted-foreground", one === language && "border-(--ring) font-semibold text-foreground")}>
              {names[one]}
            </button>
          ))}
          {install !== null && <code className="ml-auto self-center pr-1 text-xs text-muted-foreground max-sm:hidden">{install}</code>}
        </div>
        <CodeBlock code={snippet(language, facts)} label={t("start.copy")} />
      </div>
    </div>
  );
}
