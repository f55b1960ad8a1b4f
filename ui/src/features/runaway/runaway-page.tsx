import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Runaway, RunawayPolicy } from "@/api/types";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { Kills } from "./kills";
import { actions, bound, changed, rules, type Rule } from "./runaway-state";

/** The team's policy of the runaway guard, and what was killed. */
export function RunawayPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const query = useQuery(queries.runaway(team));
  return (
    <SettingsFrame title="runaway.title">
      <div className="flex max-w-4xl flex-col gap-6">
        <p className="text-sm text-muted-foreground">{t("runaway.about")}</p>
        {query.error !== null ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={6} height={44} />
        ) : (
          <PolicyForm key={`${team}:${JSON.stringify(query.data.team)}`} runaway={query.data} teamId={team} editable={canAdminister(me, team)} />
        )}
        <Kills teamId={team} />
      </div>
    </SettingsFrame>
  );
}

function PolicyForm({ runaway, teamId, editable }: { runaway: Runaway; teamId: string; editable: boolean }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<RunawayPolicy>(runaway.team);
  const params = { query: { team_id: teamId } };
  const settled = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSuccess: () => showToast("done", t("runaway.saved")),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runaway", teamId] }),
  };
  const save = useMutation({ mutationFn: () => unwrap(client.PUT("/api/runaway", { params, body: draft })), ...settled });
  const reset = useMutation({ mutationFn: () => unwrap(client.DELETE("/api/runaway", { params })), ...settled });
  const busy = save.isPending || reset.isPending;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <fieldset disabled={!editable || busy} className="overflow-x-auto">
        <table className="w-full text-sm">
          <caption className="sr-only">{t("runaway.title")}</caption>
          <thead className="text-left text-xs text-muted-foreground">
            <tr className="h-8 border-b">
              <th className="pr-4 font-normal">{t("runaway.rule")}</th>
              <th className="pr-4 font-normal">{t("runaway.bound")}</th>
              <th className="font-normal">{t("runaway.action")}</th>
            </tr>
          </thead>
          <tbody>{rules.map((rule) => <RuleRow key={rule} rule={rule} draft={draft} onChange={setDraft} />)}</tbody>
        </table>
      </fieldset>
      {runaway.keys.length > 0 && <p className="text-sm text-muted-foreground">{t("runaway.ofKeys", { names: runaway.keys.map((key) => key.key_name).join(", ") })}</p>}
      {editable && (
        <div className="flex gap-2">
          <Button type="submit" variant="outline" disabled={busy}>{t("runaway.save")}</Button>
          {!runaway.is_default && <Button type="button" variant="ghost" disabled={busy} onClick={() => reset.mutate()}>{t("runaway.reset")}</Button>}
        </div>
      )}
    </form>
  );
}

function RuleRow({ rule, draft, onChange }: { rule: Rule; draft: RunawayPolicy; onChange: (policy: RunawayPolicy) => void }) {
  const t = useT();
  const name = t(`runaway.rule.${rule}`);
  const { value, pattern, required } = bound(draft, rule);
  return (
    <tr className="h-14 border-b align-middle">
      <td className="py-1.5 pr-4">
        <span className="font-medium">{name}</span>
        <span className="block text-xs text-muted-foreground">{t(`runaway.rule.${rule}.about`)}</span>
      </td>
      <td className="pr-4">
        <Input
          className="w-28"
          aria-label={t("runaway.boundOf", { rule: name })}
          inputMode="decimal"
          pattern={pattern}
          required={required}
          placeholder={t("runaway.none")}
          value={value}
          onChange={(event) => onChange(changed(draft, rule, { bound: event.target.value }))}
        />
      </td>
      <td>
        <NativeSelect
          aria-label={t("runaway.actionOf", { rule: name })}
          value={draft[rule].action}
          onChange={(event) => onChange(changed(draft, rule, { action: actions.find((one) => one === event.target.value) ?? "flag" }))}
        >
          {actions.map((one) => <option key={one} value={one}>{t(`runaway.action.${one}`)}</option>)}
        </NativeSelect>
      </td>
    </tr>
  );
}
