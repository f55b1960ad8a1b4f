import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { FoundMark } from "@/components/found-mark";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, SkeletonRows } from "@/components/states";
import { useNow } from "@/hooks/use-now";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { AgentDetail } from "./agent-detail";
import { LanesView } from "./lanes-view";
import type { Step } from "./run-tree";
import { useTraceSelection, type TraceSelection } from "./selection";
import { StepDetail } from "./step-detail";
import type { TimeWindow } from "./time-axis";
import { stepName } from "./tree-row";
import { TreeView, type TimedViewProps } from "./tree-view";
import type { RunRecord } from "./use-run-record";
import { ViewSwitch } from "./view-switch";

const GraphView = lazy(() => import("./graph-view"));

/** One run in three views, and at the right what is chosen in them. */
export function TraceBody({ traceId, run }: { traceId: string; run: RunRecord }) {
  const t = useT();
  const { trace, tree, looks } = run;
  const selection = useTraceSelection(tree);
  const { view, setView, step, agent, selectStep, clear } = selection;
  // The views get a stable way to choose an agent; the newest selection is behind it.
  const { selectAgent } = selection;
  useHotkeys({ "1": () => setView("tree"), "2": () => setView("lanes"), "3": () => setView("graph") });
  const nowMs = useElapsed(tree.startedAt, tree.lengthMs, tree.running, run.skewMs);
  if (tree.steps.length === 0) return <EmptyState title={t("trace.empty")} />;
  const look = looks.get(agent ?? "");
  return (
    <div className="relative flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-4 border-b px-4 text-xs text-muted-foreground">
          <ViewSwitch view={view} onChange={setView} />
          {trace !== null && <HowOneRun trace={trace} />}
        </div>
        {trace?.truncated === true && <p className="border-b bg-warn-soft px-4 py-1 text-xs text-warn">{t("trace.truncated", { n: trace.spans.length })}</p>}
        <div role="tabpanel" id="trace-view" aria-label={t(`tree.view.${view}`)} className="flex min-h-0 min-w-0 flex-1 flex-col">
          {view === "graph" ? (
            <Suspense fallback={<SkeletonRows rows={6} height={92} />}>
              <GraphView traceId={traceId} recorded={trace !== null} tree={tree} looks={looks} agent={agent} onAgent={selectAgent} />
            </Suspense>
          ) : (
            <TimedView view={view} run={run} step={step} agent={agent} nowMs={nowMs} onStep={selectStep} onAgent={selectAgent} />
          )}
        </div>
      </div>
      {(step !== null || look !== undefined) && (
        <SidePanel label={t("trace.step")} title={step === null ? look?.label : stepName(step, looks.get(step.agent ?? ""), t)} onClose={clear}>
          <Chosen key={step?.spanId ?? step?.id ?? agent} run={run} selection={selection} />
        </SidePanel>
      )}
    </div>
  );
}

type TimedProps = Pick<TimedViewProps, "onStep" | "onAgent" | "nowMs" | "agent"> & { view: "tree" | "lanes"; run: RunRecord; step: Step | null };

/** Tree and lanes share the time that is zoomed into. Also the tree beside a running crew. */
export function TimedView({ view, run, step, ...rest }: TimedProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 1_000);
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const View = view === "tree" ? TreeView : LanesView;
  return (
    <div ref={box} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <View tree={run.tree} looks={run.looks} marks={run.marks} selected={step} width={width} zoom={zoom} onZoom={useCallback((next: TimeWindow | null) => setZoom(next), [])} {...rest} />
    </div>
  );
}

function Chosen({ run, selection }: { run: RunRecord; selection: TraceSelection }) {
  const { tree, looks, marks, trace, skewMs } = run;
  const { step, agent, selectAgent } = selection;
  if (step === null) {
    const look = looks.get(agent ?? "");
    return look === undefined ? null : <AgentDetail look={look} looks={looks} tree={tree} onAgent={selectAgent} />;
  }
  const span = step.spanId === null ? undefined : trace?.spans.find((one) => one.span_id === step.spanId);
  return <StepDetail step={step} span={span} look={looks.get(step.agent ?? "")} looks={looks} marks={marks.get(step.callId ?? "") ?? []} tree={tree} skewMs={skewMs} onAgent={selectAgent} />;
}

/** Whether the calls were joined to one run by what they said, and how sure that is. */
function HowOneRun({ trace }: { trace: NonNullable<RunRecord["trace"]> }) {
  const t = useT();
  return (
    <FoundMark found={trace.found} field="run" className="ml-auto">
      {trace.parts.length > 1 ? t("tree.joined", { n: trace.parts.length }) : trace.found.source === "inferred" ? t("tree.workedOut") : ""}
    </FoundMark>
  );
}

/** Milliseconds since the run began; moves only while something runs. */
export function useElapsed(startedAt: number, lengthMs: number, running: boolean, skewMs: number): number {
  const now = useNow(running);
  return running ? Math.max(now + skewMs - startedAt, lengthMs) : lengthMs;
}
