import { Columns2 } from "lucide-react";
import { Link, useParams } from "react-router";
import { Count, Duration, Money } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { Elapsed } from "@/features/flight/elapsed";
import { KilledBar, KillRunButton } from "@/features/flight/kill-run";
import { ReplayBars, useReplays } from "@/features/replay/replay-bar";
import { ReplayButton } from "@/features/replay/replay-button";
import { isOpen } from "@/features/replay/replay-state";
import { useNow } from "@/hooks/use-now";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import type { RunTree } from "./run-tree";
import { TraceBody } from "./trace-body";
import { useRunRecord, type RunRecord } from "./use-run-record";

/** A run that said nothing for this long is not offered to be ended. */
const QUIET_MS = 15 * 60_000;

export function TracePage() {
  const t = useT();
  const { traceId = "" } = useParams();
  const { replays, made } = useReplays(traceId);
  const comes = made !== undefined && (isOpen(made) || made.answered > 0);
  const run = useRunRecord(traceId, true, comes);
  const { trace, tree } = run;
  const name = trace === null || trace.name === "" ? shortId(traceId) : trace.name;
  // A run whose first call is still in flight has no record, but it is there.
  const there = trace !== null || run.flying > 0;
  const first = firstCall(tree);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.traces"), to: urls.traces() }, { label: name }]}>
        {there && <RunFigures tree={tree} skewMs={run.skewMs} />}
        {trace !== null && (
          <Button asChild variant="outline" size="sm">
            <Link to={urls.tracesToCompare(trace.trace_id)} title={t("diff.pickHint")}>
              <Columns2 />
              <span className="max-md:sr-only">{t("diff.title")}</span>
            </Link>
          </Button>
        )}
        {first !== null && <ReplayButton callId={first} scope="run" />}
        {there && <KillWhileGoing traceId={trace?.trace_id ?? traceId} run={run} />}
      </TopBar>
      {there && <KilledBar traceIds={run.traceIds} executionId={trace?.execution_id} />}
      <ReplayBars replays={replays} traceIds={run.traceIds} />
      {there ? (
        <TraceBody traceId={traceId} run={run} />
      ) : made !== undefined ? (
        <EmptyState title={t(comes ? "replay.waiting" : "replay.nothing")}>{t(comes ? "replay.waitingBody" : "replay.nothingBody")}</EmptyState>
      ) : run.error  !== null ? (
        <ErrorState error={run.error} onRetry={run.refetch} />
      ) : (
        <SkeletonRows rows={16} height={28} />
      )}
    </>
  );
}

/** What is replayed when the run as a whole is: its first call that is on record. */
function firstCall(tree: RunTree): string | null {
  const calls = tree.steps.filter((step) => step.kind === "call" && step.callId !== null && step.flight === null && step.node?.internal !== "embedding");
  return calls.reduce<(typeof calls)[number] | null>((first, step) => (first === null || step.startMs < first.startMs ? step : first), null)?.callId ?? null;
}

function KillWhileGoing({ traceId, run }: { traceId: string; run: RunRecord }) {
  const now = useNow(true, 30_000);
  const lastSeen = run.trace === null ? now : Date.parse(run.trace.last_seen_at);
  if (run.flying === 0 && !run.tree.running && now + run.skewMs - lastSeen > QUIET_MS) return null;
  return <KillRunButton traceId={traceId} flying={run.flying} />;
}

/** Sums of the whole run, those of its root. */
export function RunFigures({ tree, skewMs }: { tree: RunTree; skewMs: number }) {
  const t = useT();
  const totals = tree.roots[0]?.totals;
  if (totals === undefined) return null;
  return (
    <dl className="flex items-center gap-5 text-sm max-lg:hidden">
      <Figure label={t("calls.duration")}>{tree.running ? <Elapsed startedAt={new Date(tree.startedAt).toISOString()} skewMs={skewMs} /> : <Duration ms={tree.lengthMs} />}</Figure>
      <Figure label={t("traces.calls")}><Count value={totals.calls} /></Figure>
      <Figure label={t("calls.tokens")}><Count value={totals.input_tokens + totals.output_tokens} /></Figure>
      <Figure label={t("calls.cost")}><Money amount={totals.calls > 0 && totals.unknown_cost_calls === totals.calls ? null : totals.cost} /></Figure>
    </dl>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="font-semibold">{children}</dd>
    </div>
  );
}
