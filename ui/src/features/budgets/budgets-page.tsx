import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Budget } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { BudgetEdit } from "./budget-edit";
import { BudgetForm } from "./budget-form";
import { UseBar } from "./use-bar";

export function BudgetsPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const owner = canAdminister(me, team);
  const query = useQuery(queries.budgets(team));
  return (
    <SettingsFrame title="budgets.title">
      <div className="flex max-w-4xl flex-col gap-6">
        <p className="text-sm text-muted-foreground">{t("budgets.about")}</p>
        {query.error !== null ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={3} height={44} />
        ) : query.data.items.length === 0 ? (
          <EmptyState title={t("budgets.none")}>{t("budgets.noneBody")}</EmptyState>
        ) : (
          <BudgetTable budgets={query.data.items} teamId={team} owner={owner} />
        )}
        {owner && <BudgetForm key={team} teamId={team} />}
      </div>
    </SettingsFrame>
  );
}

function BudgetTable({ budgets, teamId, owner }: { budgets: readonly Budget[]; teamId: string; owner: boolean }) {
  const t = useT();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("budgets.title")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("common.name")}</th>
            <th className="pr-4 font-normal">{t("budgets.whose")}</th>
            <th className="pr-4 font-normal">{t("budgets.used")}</th>
            <th className="pr-4 font-normal max-md:hidden">{t("budgets.resets")}</th>
            <th><span className="sr-only">{t("budgets.remove")}</span></th>
          </tr>
        </thead>
        <tbody>
          {budgets.map((budget) => <BudgetRow key={budget.id} budget={budget} teamId={teamId} owner={owner} />)}
        </tbody>
      </table>
    </div>
  );
}

function BudgetRow({ budget, teamId, owner }: { budget: Budget; teamId: string; owner: boolean }) {
  const t = useT();
  const queryClient = useQueryClient();
  // What was counted goes with the limit: asked twice, in place.
  const [sure, setSure] = useState(false);
  const [editing, setEditing] = useState(false);
  const settled = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["budgets", teamId] }),
  };
  const params = { path: { id: budget.id }, query: { team_id: teamId } };
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE("/api/budgets/{id}", { params })), ...settled });
  const turn = useMutation({
    mutationFn: () => {
      const { name, scope, subject, kind, window, amount, shadow } = budget;
      return unwrap(client.PUT("/api/budgets/{id}", { params, body: { name, scope, subject: subject ?? null, kind, window, amount, shadow, is_active: !budget.is_active } }));
    },
    ...settled,
  });
  // A limit of the whole installation belongs to no team: here it is only shown.
  const editable = owner && budget.team_id != null;
  const subject = budget.subject ?? (budget.scope === "team" || budget.scope === "organisation" ? null : t("budgets.each"));
  if (editing) {
    return (
      <tr className="border-b">
        <td colSpan={5}>
          <BudgetEdit id={budget.id} teamId={teamId} onClose={() => setEditing(false)} />
        </td>
      </tr>
    );
  }
  return (
    <tr className="h-12 border-b">
      <td className="pr-4 font-medium wrap-any">
        {budget.name}
        {!budget.is_active && <span className="ml-2 text-xs text-faint">{t("budgets.off")}</span>}
        {budget.shadow && <span className="ml-2 text-xs text-faint">{t("budgets.shadow")}</span>}
      </td>
      <td className="pr-4 text-muted-foreground">
        {t(`budgets.scope.${budget.scope}`)}
        {subject !== null && <span className="block text-xs wrap-any">{subject}</span>}
      </td>
      <td className="py-1.5 pr-4">
        <UseBar budget={budget} />
        <span className="text-xs text-muted-foreground">{t(`budgets.kind.${budget.kind}`)}, {t(`budgets.window.${budget.window}`)}</span>
      </td>
      <td className="pr-4 text-muted-foreground max-md:hidden"><DateTime at={budget.current.resets_at} /></td>
      <td className="text-right whitespace-nowrap">
        {editable && (
          <>
            <Button variant="ghost" size="sm" aria-label={t("budgets.editOf", { name: budget.name })} onClick={() => setEditing(true)}>
              {t("common.edit")}
            </Button>
            <Button variant="ghost" size="sm" disabled={turn.isPending} aria-label={t(budget.is_active ? "budgets.turnOffOf" : "budgets.turnOnOf", { name: budget.name })} onClick={() => turn.mutate()}>
              {t(budget.is_active ? "budgets.turnOff" : "budgets.turnOn")}
            </Button>
            <Button variant="ghost" size="sm" disabled={remove.isPending} aria-label={t(sure ? "budgets.removeSureOf" : "budgets.removeOf", { name: budget.name })} onBlur={() => setSure(false)} onClick={() => (sure ? remove.mutate() : setSure(true))}>
              {t(sure ? "budgets.removeSure" : "budgets.remove")}
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}
