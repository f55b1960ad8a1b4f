import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Kill } from "@/api/types";
import { Field } from "@/components/field";
import { DateTime } from "@/components/numbers";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { fillNodes, useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";

interface KillRunProps {
  traceId: string;
  /** Calls in flight now. */
  flying: number;
}

/** Ends a run: what is in flight at once, what would follow until it is allowed again. Asks first, and says what it will do. */
export function KillRunButton({ traceId, flying }: KillRunProps) {
  const t = useT();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  if (!canWrite(me)) return null;
  return (
    <>
      <Button variant="destructive" size="sm" onClick={() => setAsking(true)}>
        <OctagonX />
        {t("kill.run")}
      </Button>
      <Dialog open={asking} onClose={() => setAsking(false)} label={t("kill.runTitle")}>
        <KillForm traceId={traceId} flying={flying} onClose={() => setAsking(false)} />
      </Dialog>
    </>
  );
}

function KillForm({ traceId, flying, onClose }: KillRunProps & { onClose: () => void }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const kill = useMutation({
    mutationFn: () => unwrap(client.POST("/api/traces/{trace_id}/kill", { params: { path: { trace_id: traceId } }, body: reason.trim() === "" ? {} : { reason: reason.trim() } })),
    onSuccess: async (done) => {
      showToast("done", endedSentence(done, t));
      onClose();
      await Promise.all([queryClient.invalidateQueries({ queryKey: ["kills"] }), queryClient.invalidateQueries({ queryKey: ["trace", traceId] })]);
    },
  });
  return (
    <form
      className="flex flex-col gap-3 p-5"
      onSubmit={(event) => {
        event.preventDefault();
        kill.mutate();
      }}
    >
      <h2 className="font-semibold">{t("kill.runTitle")}</h2>
      <p className="text-sm text-muted-foreground">{t(flying === 1 ? "kill.runBodyOne" : "kill.runBody", { n: flying })}</p>
      <Field label={t("kill.reason")} hint={t("common.optional")} error={kill.error === null ? undefined : errorSentence(kill.error, t)}>
        {(props) => <Input {...props} autoFocus maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="destructive" disabled={kill.isPending}>{t(kill.isPending ? "kill.ending" : "kill.run")}</Button>
        <Button variant="ghost" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}

function endedSentence(kill: Kill, t: ReturnType<typeof useT>): string {
  const calls = kill.calls_in_flight;
  return calls === null || calls === undefined ? t("kill.runDone") : t(calls === 1 ? "kill.runDoneOne" : "kill.runDoneCalls", { n: calls });
}

/** Says that a run is stopped, by whom it was not merely finished, and allows it again. */
export function KilledBar({ traceIds, executionId }: { traceIds: readonly string[]; executionId: string | null | undefined }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const { teamId } = usePrefs();
  const query = useQuery(queries.kills(teamId ?? me.teams[0]?.id ?? ""));
  const kill = query.data?.items.find((one) => one.active && ((one.kind === "trace" && traceIds.includes(one.target)) || (one.kind === "execution" && one.target === executionId)));
  const lift = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE("/api/kills/{id}", { params: { path: { id } } })),
    onSuccess: () => showToast("done", t("kill.lifted")),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["kills"] }),
  });
  if (kill === undefined) return null;
  return (
    <div role="status" className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 border-b bg-bad-soft px-4 py-1 text-sm text-bad">
      <span className="min-w-0 flex-1 wrap-any">
        {fillNodes(t("kill.stopped"), { at: <DateTime at={kill.created_at} /> })}
        {kill.reason !== null && kill.reason !== undefined && kill.reason !== "" && <> {t("kill.because", { reason: kill.reason })}</>}
      </span>
      {canWrite(me) && (
        <Button variant="outline" size="sm" disabled={lift.isPending} onClick={() => lift.mutate(kill.id)}>
          {t("kill.lift")}
        </Button>
      )}
    </div>
  );
}
