import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { Execution } from "@/api/types";
import { Duration, Money, TokenFlow } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { RunTrace } from "@/features/traces/run-trace";
import { useT } from "@/i18n/i18n";
import { formatClock } from "@/lib/format";
import type { RunLine, RunState } from "@/lib/run-state";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { RunStatus } from "./run-status";
import { Transcript } from "./transcript";
import { useRun } from "./use-run";

export function RunPage() {
  const t = useT();
  const { crewId = "", executionId = "" } = useParams();
  const query = useQuery(queries.run(executionId));
  const execution = query.data;
  return (
    <>
      {execution === undefined ? (
        <>
          <TopBar crumbs={[{ label: t("nav.crews"), to: urls.crews() }, { label: t("calls.run") }]} />
          {query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows rows={12} />}
        </>
      ) : (
        <RunBody key={executionId} crewId={crewId} execution={execution} />
      )}
    </>
  );
}

function RunBody({ crewId, execution }: { crewId: string; execution: Execution }) {
  const t = useT();
  const queryClient = useQueryClient();
  const { run, lost } = useRun(execution.id);
  // The stored state is right for an old run; the events are right for a going one.
  const status = run.status === "pending" ? execution.status : run.status;
  const going = status === "pending" || status === "running";
  useEffect(() => {
    if (run.totals !== null) void queryClient.invalidateQueries({ queryKey: ["run", execution.id] });
  }, [run.totals, queryClient, execution.id]);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.crews"), to: urls.crews() }, { label: execution.crew_name, to: urls.crew(crewId) }, { label: t("calls.run") }]}>
        <RunStatus status={status} />
        {going ? (
          <CancelButton execution={execution} />
        ) : (
          <Button asChild size="sm" variant="outline">
            <Link to={urls.crew(crewId)}>{t("run.again")}</Link>
          </Button>
        )}
      </TopBar>
      {lost && <p role="status" className="border-b bg-warn-soft px-4 py-1 text-xs text-warn">{t("live.reconnecting")}</p>}
      <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-y-auto">
        <div className="flex min-w-0 flex-[5] flex-col border-r max-lg:flex-none">
          <RunFigures run={run} execution={execution} going={going} />
          <Following run={run}>
            {run.error !== null && <p className="border-b bg-bad-soft px-4 py-2 text-sm wrap-any text-bad">{run.error.message}</p>}
            {run.tasks.length === 0 && <p className="px-4 py-4 text-muted-foreground">{t(going ? "run.starting" : "run.nothing")}</p>}
            <Transcript tasks={run.tasks} />
            <Log lines={run.lines} />
          </Following>
        </div>
        <section aria-label={t("calls.trace")} className="flex min-h-96 min-w-0 flex-[6] flex-col">
          <RunTrace traceId={execution.trace_id} going={going} />
        </section>
      </div>
    </>
  );
}

function CancelButton({ execution }: { execution: Execution }) {
  const t = useT();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => unwrap(client.POST("/api/executions/{id}/cancel", { params: { path: { id: execution.id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["run", execution.id] }),
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  const asked = cancel.isPending || execution.cancel_requested;
  return (
    <Button size="sm" variant="outline" disabled={asked} onClick={() => cancel.mutate()}>
      {t(asked ? "run.cancelling" : "run.cancel")}
    </Button>
  );
}

function RunFigures({ run, execution, going }: { run: RunState; execution: Execution; going: boolean }) {
  const t = useT();
  const started = run.startedAt ?? execution.started_at ?? execution.created_at;
  const elapsed = useElapsed(started, going);
  const totals = run.totals;
  const finished = execution.completed_at === null || execution.completed_at === undefined ? null : Date.parse(execution.completed_at) - Date.parse(started);
  return (
    <dl className="flex shrink-0 flex-wrap items-baseline gap-x-6 gap-y-1 border-b px-4 py-2.5">
      <Figure label={t("calls.duration")}>
        <Duration ms={totals?.durationMs ?? (going ? elapsed : finished)} />
      </Figure>
      {!going && (
        <>
          <Figure label={t("calls.tokens")}>
            <TokenFlow input={totals?.inputTokens ?? execution.input_tokens} output={totals?.outputTokens ?? execution.output_tokens} />
          </Figure>
          <Figure label={t("calls.cost")}>
            <Money amount={totals === null ? execution.total_cost : totals.cost} />
          </Figure>
        </>
      )}
    </dl>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}

/** Stays at the end while new text comes, unless the reader scrolled up. */
function Following({ run, children }: { run: RunState; children: React.ReactNode }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element !== null && following.current && run.status === "running") element.scrollTop = element.scrollHeight;
  }, [run]);
  return (
    <div
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t("run.transcript")}
      className="min-h-0 flex-1 overflow-y-auto"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        following.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      {children}
    </div>
  );
}

function Log({ lines }: { lines: readonly RunLine[] }) {
  const t = useT();
  if (lines.length === 0) return null;
  return (
    <details className="px-4 py-3 text-xs">
      <summary className="h-6 text-muted-foreground">{t("run.log", { n: lines.length })}</summary>
      <ol className="mt-1 font-mono">
        {lines.map((line, index) => (
          <li key={index} className="grid grid-cols-[70px_56px_minmax(0,1fr)] gap-2 py-0.5">
            <span className="text-faint">{line.timestamp === null ? "" : formatClock(new Date(line.timestamp), false)}</span>
            <span className={cn("text-muted-foreground", line.level === "error" && "text-bad", line.level === "warning" && "text-warn")}>{line.level}</span>
            <span className="whitespace-pre-wrap wrap-any">{line.message}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function useElapsed(startedAt: string, running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [running]);
  return Math.max(0, now - Date.parse(startedAt));
}
