import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { Runaway, RunawayPolicy } from "@/api/types";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { RunawayRules } from "./runaway-rules";

interface KeyRunawayProps {
  keyId: string;
  teamId: string;
  editable: boolean;
}

/** The guard's policy of one key: its team's, or one of its own in place of that. */
export function KeyRunaway({ keyId, teamId, editable }: KeyRunawayProps) {
  const t = useT();
  const query = useQuery(queries.runaway(teamId));
  const own = query.data?.keys.find((one) => one.key_id === keyId)?.policy;
  return (
    <section aria-label={t("runaway.key.title")} className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold">{t("runaway.key.title")}</h2>
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : (
        <Own key={JSON.stringify(own ?? null)} keyId={keyId} teamId={teamId} own={own} runaway={query.data} editable={editable} />
      )}
    </section>
  );
}

function Own({ keyId, teamId, own, runaway, editable }: KeyRunawayProps & { own: RunawayPolicy | undefined; runaway: Runaway }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<RunawayPolicy | null>(own ?? null);
  const params = { path: { key_id: keyId }, query: { team_id: teamId } };
  const settled = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["runaway", teamId] }),
  };
  const save = useMutation({
    mutationFn: (policy: RunawayPolicy) => unwrap(client.PUT("/api/runaway/keys/{key_id}", { params, body: policy })),
    onSuccess: () => showToast("done", t("runaway.saved")),
    ...settled,
  });
  const back = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/runaway/keys/{key_id}", { params })),
    onSuccess: () => showToast("done", t("runaway.key.backDone")),
    ...settled,
  });
  const busy = save.isPending || back.isPending;
  if (draft === null) {
    return (
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <p className="text-muted-foreground">
          {t("runaway.key.follows")}{" "}
          <Link to={urls.runaway()} className="text-link underline underline-offset-2">{t("runaway.key.team")}</Link>
        </p>
        {editable && <Button variant="outline" size="sm" onClick={() => setDraft(runaway.team)}>{t("runaway.key.give")}</Button>}
      </div>
    );
  }
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft);
      }}
    >
      <p className="text-sm text-muted-foreground">{t("runaway.key.own")}</p>
      <RunawayRules policy={draft} disabled={!editable || busy} onChange={setDraft} />
      {editable && (
        <div className="flex gap-2">
          <Button type="submit" variant="outline" disabled={busy}>{t("runaway.save")}</Button>
          <Button variant="ghost" disabled={busy} onClick={() => (own === undefined ? setDraft(null) : back.mutate())}>{t(own === undefined ? "common.cancel" : "runaway.key.back")}</Button>
        </div>
      )}
    </form>
  );
}
