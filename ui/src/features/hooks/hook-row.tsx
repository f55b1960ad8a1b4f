import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import type { Hook } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useT, type Translate } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { draftOf, requestOf } from "./hook-draft";

interface HookRowProps {
  hook: Hook;
  teamId: string;
  mayWrite: boolean;
  onEdit: () => void;
  onMessages: () => void;
}

export function HookRow({ hook, teamId, mayWrite, onEdit, onMessages }: HookRowProps) {
  const t = useT();
  const queryClient = useQueryClient();
  // Asked twice, in place.
  const [sure, setSure] = useState(false);
  const settled = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["hooks", teamId] }),
  };
  const params = { path: { id: hook.id }, query: { team_id: teamId } };
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE("/api/hooks/{id}", { params })), ...settled });
  const turn = useMutation({ mutationFn: () => unwrap(client.PUT("/api/hooks/{id}", { params, body: requestOf(draftOf(hook), !hook.is_active) })), ...settled });
  return (
    <tr className="h-12 border-b">
      <td className="pr-4 font-medium wrap-any">
        {hook.name}
        {!hook.is_active && <span className="ml-2 text-xs text-faint">{t("budgets.off")}</span>}
      </td>
      <td className="py-1.5 pr-4 text-muted-foreground">
        {t(`hooks.act.${hook.act.kind}`)}
        <span className="block max-w-72 truncate text-xs">{actText(hook, t)}</span>
      </td>
      <td className="pr-4 text-muted-foreground">{t(`hooks.point.${hook.point}`)}</td>
      <td className="pr-4 text-xs text-muted-foreground wrap-any">{filterText(hook, t)}</td>
      <td className="text-right whitespace-nowrap">
        {hook.act.kind === "webhook" && (
          <Button variant="ghost" size="sm" aria-label={t("hooks.deliveriesOf", { name: hook.name })} onClick={onMessages}>
            {t("hooks.deliveries")}
          </Button>
        )}
        {mayWrite && (
          <>
            <Button variant="ghost" size="sm" aria-label={t("guard.editOf", { name: hook.name })} onClick={onEdit}>
              {t("guard.edit")}
            </Button>
            <Button variant="ghost" size="sm" disabled={turn.isPending} aria-label={t(hook.is_active ? "budgets.turnOffOf" : "budgets.turnOnOf", { name: hook.name })} onClick={() => turn.mutate()}>
              {t(hook.is_active ? "budgets.turnOff" : "budgets.turnOn")}
            </Button>
            <Button variant="ghost" size="sm" disabled={remove.isPending} aria-label={t(sure ? "budgets.removeSureOf" : "budgets.removeOf", { name: hook.name })} onBlur={() => setSure(false)} onClick={() => (sure ? remove.mutate() : setSure(true))}>
              {t(sure ? "budgets.removeSure" : "guard.remove")}
            </Button>
          </>
        )}
      </td>
    </tr>
  );
}

function actText({ act }: Hook, t: Translate): string {
  switch (act.kind) {
    case "tag":
      return act.tags.join(", ");
    case "reject":
      return act.message;
    case "webhook":
      return act.url;
    case "mask":
      return act.check.kind === "detectors" ? act.check.detectors.map((one) => t(`guard.what.${one}`)).join(", ") : t(`guard.kind.${act.check.kind}`);
  }
}

function filterText({ filter }: Hook, t: Translate): string {
  const { models, agents, tags, errors, statuses, keys } = filter;
  const named = [...models, ...agents, ...tags, ...errors, ...statuses.map((status) => t(`status.${status}`))];
  if (keys.length > 0) named.push(t("guard.someKeys", { n: keys.length }));
  return named.length === 0 ? t("hooks.everyCall") : named.join(", ");
}
