import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Hook, PutHookRequest } from "@/api/types";
import { CodeBlock } from "@/components/code-block";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { Deliveries } from "./deliveries";
import { draftOf, emptyDraft, requestOf } from "./hook-draft";
import { HookForm } from "./hook-form";
import { HookRow } from "./hook-row";

/** What stands below the list. */
type Open = { what: "new" } | { what: "edit" | "messages"; hook: Hook };

export function HooksPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const mayWrite = canWrite(me);
  const query = useQuery(queries.hooks(team));
  const [open, setOpen] = useState<Open>({ what: "new" });
  const close = () => setOpen({ what: "new" });
  return (
    <SettingsFrame title="hooks.title">
      <div className="flex max-w-4xl flex-col gap-6">
        <p className="text-sm text-muted-foreground">{t("hooks.about")}</p>
        {query.error !== null ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={3} height={44} />
        ) : query.data.items.length === 0 ? (
          <EmptyState title={t("hooks.none")}>{t("hooks.noneBody")}</EmptyState>
        ) : (
          <HookTable hooks={query.data.items} teamId={team} mayWrite={mayWrite} onOpen={setOpen} />
        )}
        {open.what === "messages" && <Deliveries key={open.hook.id} hook={open.hook} teamId={team} mayWrite={mayWrite} onClose={close} />}
        {open.what === "edit" && <EditHook key={open.hook.id} hook={open.hook} teamId={team} onDone={close} />}
        {open.what === "new" && mayWrite && <MakeHook key={team} teamId={team} />}
      </div>
    </SettingsFrame>
  );
}

function HookTable({ hooks, teamId, mayWrite, onOpen }: { hooks: readonly Hook[]; teamId: string; mayWrite: boolean; onOpen: (open: Open) => void }) {
  const t = useT();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("hooks.title")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("common.name")}</th>
            <th className="pr-4 font-normal">{t("hooks.act")}</th>
            <th className="pr-4 font-normal">{t("hooks.point")}</th>
            <th className="pr-4 font-normal">{t("hooks.filter")}</th>
            <th><span className="sr-only">{t("guard.remove")}</span></th>
          </tr>
        </thead>
        <tbody>
          {hooks.map((hook) => (
            <HookRow key={hook.id} hook={hook} teamId={teamId} mayWrite={mayWrite} onEdit={() => onOpen({ what: "edit", hook })} onMessages={() => onOpen({ what: "messages", hook })} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MakeHook({ teamId }: { teamId: string }) {
  const t = useT();
  const queryClient = useQueryClient();
  // A form that made something starts anew.
  const [made, setMade] = useState(0);
  const make = useMutation({
    mutationFn: (body: PutHookRequest) => unwrap(client.POST("/api/hooks", { params: { query: { team_id: teamId } }, body })),
    onSuccess: () => {
      setMade((count) => count + 1);
      return queryClient.invalidateQueries({ queryKey: ["hooks", teamId] });
    },
  });
  return (
    <section className="flex flex-col gap-3">
      {make.data?.secret != null && <NewSecret secret={make.data.secret} />}
      <h2 className="text-sm font-semibold">{t("hooks.new")}</h2>
      <HookForm key={made} initial={emptyDraft} onSubmit={(draft) => make.mutate(requestOf(draft, true))} error={make.error === null ? undefined : errorSentence(make.error, t)}>
        <Button type="submit" disabled={make.isPending}>
          {t("hooks.make")}
        </Button>
      </HookForm>
    </section>
  );
}

function EditHook({ hook, teamId, onDone }: { hook: Hook; teamId: string; onDone: () => void }) {
  const t = useT();
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (body: PutHookRequest) => unwrap(client.PUT("/api/hooks/{id}", { params: { path: { id: hook.id }, query: { team_id: teamId } }, body })),
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: ["hooks", teamId] });
      // A new secret is shown once: it stays until it was read.
      if (saved.secret == null) onDone();
    },
  });
  return (
    <section className="flex flex-col gap-3">
      {save.data?.secret != null && <NewSecret secret={save.data.secret} />}
      <h2 className="text-sm font-semibold">{t("guard.editOf", { name: hook.name })}</h2>
      <HookForm initial={draftOf(hook)} onSubmit={(draft) => save.mutate(requestOf(draft, hook.is_active))} error={save.error === null ? undefined : errorSentence(save.error, t)}>
        <Button type="submit" disabled={save.isPending}>
          {t("common.save")}
        </Button>
        {hook.act.kind === "webhook" && (
          <Button type="button" variant="outline" disabled={save.isPending} onClick={() => save.mutate({ ...requestOf(draftOf(hook), hook.is_active), new_secret: true })}>
            {t("hooks.newSecret")}
          </Button>
        )}
        <Button type="button" variant="outline" onClick={onDone}>
          {t(save.data === undefined ? "common.cancel" : "common.close")}
        </Button>
      </HookForm>
    </section>
  );
}

/** The only moment a secret can be read. */
function NewSecret({ secret }: { secret: string }) {
  const t = useT();
  return (
    <div role="status" className="flex max-w-xl flex-col gap-2">
      <p className="text-sm">{t("hooks.secretOnce")}</p>
      <CodeBlock code={secret} label={t("hooks.secret")} />
    </div>
  );
}
