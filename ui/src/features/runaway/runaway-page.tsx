import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Runaway, RunawayPolicy } from "@/api/types";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { Kills } from "./kills";
import { RunawayRules } from "./runaway-rules";

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
      <RunawayRules policy={draft} disabled={!editable || busy} onChange={setDraft} />
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
