import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Guardrail, PutGuardrailRequest } from "@/api/types";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { draftOf, emptyDraft, requestOf } from "./guardrail-draft";
import { GuardrailForm } from "./guardrail-form";
import { GuardrailRow } from "./guardrail-row";

export function GuardrailsPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const owner = canAdminister(me, team);
  const query = useQuery(queries.guardrails(team));
  const [editing, setEditing] = useState<Guardrail | null>(null);
  return (
    <SettingsFrame title="guard.title">
      <div className="flex max-w-4xl flex-col gap-6">
        <p className="text-sm text-muted-foreground">{t("guard.about")}</p>
        {query.error !== null ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={3} height={44} />
        ) : query.data.items.length === 0 ? (
          <EmptyState title={t("guard.none")}>{t("guard.noneBody")}</EmptyState>
        ) : (
          <GuardrailTable rails={query.data.items} teamId={team} owner={owner} onEdit={setEditing} />
        )}
        {owner && (editing === null ? <MakeGuardrail key={team} teamId={team} /> : <EditGuardrail key={editing.id} rail={editing} teamId={team} onDone={() => setEditing(null)} />)}
      </div>
    </SettingsFrame>
  );
}

function GuardrailTable({ rails, teamId, owner, onEdit }: { rails: readonly Guardrail[]; teamId: string; owner: boolean; onEdit: (rail: Guardrail) => void }) {
  const t = useT();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("guard.title")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("common.name")}</th>
            <th className="pr-4 font-normal">{t("guard.kind")}</th>
            <th className="pr-4 font-normal">{t("guard.stage")}</th>
            <th className="pr-4 font-normal">{t("guard.action")}</th>
            <th><span className="sr-only">{t("guard.remove")}</span></th>
          </tr>
        </thead>
        <tbody>
          {rails.map((rail) => <GuardrailRow key={rail.id} rail={rail} teamId={teamId} owner={owner} onEdit={() => onEdit(rail)} />)}
        </tbody>
      </table>
    </div>
  );
}

function MakeGuardrail({ teamId }: { teamId: string }) {
  const t = useT();
  const queryClient = useQueryClient();
  // A form that made something starts anew.
  const [made, setMade] = useState(0);
  const make = useMutation({
    mutationFn: (body: PutGuardrailRequest) => unwrap(client.POST("/api/guardrails", { params: { query: { team_id: teamId } }, body })),
    onSuccess: () => {
      setMade((count) => count + 1);
      return queryClient.invalidateQueries({ queryKey: ["guardrails", teamId] });
    },
  });
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold">{t("guard.new")}</h2>
      <GuardrailForm key={made} initial={emptyDraft} onSubmit={(draft) => make.mutate(requestOf(draft, true))} error={make.error === null ? undefined : errorSentence(make.error, t)}>
        <Button type="submit" disabled={make.isPending}>
          {t("guard.make")}
        </Button>
      </GuardrailForm>
    </section>
  );
}

function EditGuardrail({ rail, teamId, onDone }: { rail: Guardrail; teamId: string; onDone: () => void }) {
  const t = useT();
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (body: PutGuardrailRequest) => unwrap(client.PUT("/api/guardrails/{id}", { params: { path: { id: rail.id }, query: { team_id: teamId } }, body })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["guardrails", teamId] });
      onDone();
    },
  });
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold">{t("guard.editOf", { name: rail.name })}</h2>
      <GuardrailForm initial={draftOf(rail)} onSubmit={(draft) => save.mutate(requestOf(draft, rail.is_active))} error={save.error === null ? undefined : errorSentence(save.error, t)}>
        <Button type="submit" disabled={save.isPending}>
          {t("common.save")}
        </Button>
        <Button type="button" variant="outline" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </GuardrailForm>
    </section>
  );
}
