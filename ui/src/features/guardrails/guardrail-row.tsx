import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import type { Guardrail, GuardrailCheck } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useT, type Translate } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { draftOf, requestOf } from "./guardrail-draft";

interface GuardrailRowProps {
  rail: Guardrail;
  teamId: string;
  owner: boolean;
  onEdit: () => void;
}

export function GuardrailRow({ rail, teamId, owner, onEdit }: GuardrailRowProps) {
  const t = useT();
  const queryClient = useQueryClient();
  // Asked twice, in place.
  const [sure, setSure] = useState(false);
  const settled = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["guardrails", teamId] }),
  };
  const params = { path: { id: rail.id }, query: { team_id: teamId } };
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE("/api/guardrails/{id}", { params })), ...settled });
  const turn = useMutation({ mutationFn: () => unwrap(client.PUT("/api/guardrails/{id}", { params, body: requestOf(draftOf(rail), !rail.is_active) })), ...settled });
  // One of every team belongs to none: here it is only shown.
  const editable = owner && rail.team_id != null;
  return (
    <tr className="h-12 border-b">
      <td className="pr-4 font-medium wrap-any">
        {rail.name}
        {!rail.is_active && <span className="ml-2 text-xs text-faint">{t("budgets.off")}</span>}
        {rail.team_id == null && <span className="ml-2 text-xs text-faint">{t("guard.everyTeam")}</span>}
      </td>
      <td className="py-1.5 pr-4 text-muted-foreground">
        {t(`guard.kind.${rail.check.kind}`)}
        <span className="block max-w-80 truncate text-xs">{checkText(rail.check, t)}</span>
      </td>
      <td className="pr-4 text-muted-foreground">
        {t(`guard.stage.${rail.stage}`)}
        {rail.models.length > 0 && <span className="block text-xs wrap-any">{rail.models.join(", ")}</span>}
        {rail.keys.length > 0 && <span className="block text-xs">{t("guard.someKeys", { n: rail.keys.length })}</span>}
      </td>
      <td className="pr-4 text-muted-foreground">{t(`guard.action.${rail.action}`)}</td>
      <td className="text-right whitespace-nowrap">
        {editable && (
          <>
            <Button variant="ghost" size="sm" aria-label={t("guard.editOf", { name: rail.name })} onClick={onEdit}>
              {t("guard.edit")}
            </Button>
            <Button variant="ghost" size="sm" disabled={turn.isPending} aria-label={t(rail.is_active ? "budgets.turnOffOf" : "budgets.turnOnOf", { name: rail.name })} onClick={() => turn.mutate()}>
              {t(rail.is_active ? "budgets.turnOff" : "budgets.turnOn")}
            </Button>
            <Button variant="ghost" size="sm" disabled={remove.isPending} aria-label={t(sure ? "budgets.removeSureOf" : "budgets.removeOf", { name: rail.name })} onBlur={() => setSure(false)} onClick={() => (sure ? remove.mutate() : setSure(true))}>
              {t(sure ? "budgets.removeSure" : "guard.remove")}
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}

function checkText(check: GuardrailCheck, t: Translate): string {
  switch (check.kind) {
    case "detectors":
      return check.detectors.map((one) => t(`guard.what.${one}`)).join(", ");
    case "deny_list":
      return check.phrases.join(", ");
    case "regex":
      return check.patterns.join("  ");
    case "json_schema":
      return check.schema === undefined || check.schema === null ? t("guard.declared") : JSON.stringify(check.schema);
    case "http":
      return check.url;
  }
}
