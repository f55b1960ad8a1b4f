import { ChevronRight } from "lucide-react";
import { memo } from "react";
import { AgentMark } from "@/components/agent-chip";
import { FoundMark } from "@/components/found-mark";
import { Count, Money } from "@/components/numbers";
import { RunawayBadge } from "@/components/runaway-badge";
import { isMessageKey, useT, type Translate } from "@/i18n/i18n";
import { isHinted } from "@/lib/found";
import { cn } from "@/lib/utils";
import { CallMarkSign } from "./call-mark";
import type { Look } from "./look";
import type { CallMark } from "./marks";
import type { Step } from "./run-tree";
import { StepBar } from "./step-bar";
import type { TimeWindow } from "./time-axis";

/** A tree narrower than this shows names and cost only. */
const NARROW = 360;

interface TreeRowProps {
  step: Step;
  look: Look | undefined;
  marks: readonly CallMark[] | undefined;
  open: boolean;
  selected: boolean;
  /** Another agent is chosen. */
  dimmed: boolean;
  tabbable: boolean;
  window: TimeWindow;
  nowMs: number;
  labelWidth: number;
  onSelect: (step: Step) => void;
  onFold: (id: string) => void;
  /** The row got the focus. */
  onReach: (id: string) => void;
}

export const TreeRow = memo(function TreeRow({ step, look, marks, open, selected, dimmed, tabbable, window, nowMs, labelWidth, onSelect, onFold, onReach }: TreeRowProps) {
  const t = useT();
  const branch = step.children.length > 0;
  const narrow = labelWidth < NARROW;
  return (
    <div
      role="treeitem"
      aria-level={step.depth + 1}
      aria-selected={selected}
      {...(branch ? { "aria-expanded": open } : {})}
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onSelect(step)}
      onFocus={() => onReach(step.id)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.key === "Enter") onSelect(step);
        if ((event.key === "ArrowRight" && branch && !open) || (event.key === "ArrowLeft" && open)) onFold(step.id);
      }}
      className={cn("flex h-full cursor-default text-sm hover:bg-hover focus-visible:-outline-offset-2", selected && "bg-selected hover:bg-selected")}
    >
      <div className="flex shrink-0 items-center gap-1.5 border-r border-line pr-3" style={{ width: labelWidth, paddingLeft: 4 + Math.min(step.depth, 12) * 14 }}>
        <FoldSign branch={branch} open={open} onFold={() => onFold(step.id)} />
        <span className={cn("flex shrink-0", dimmed && "opacity-40")}>
          <AgentMark name={look?.seed ?? null} dashed={isHinted(look?.speaker.found)} />
        </span>
        <StepName step={step} look={look} dimmed={dimmed} tabbable={tabbable} />
        {!narrow && <span className="shrink-0 text-2xs text-faint">{kindLabel(step, t)}</span>}
        {marks?.map((mark) => <CallMarkSign key={`${mark.kind}:${mark.kind === "loop" ? mark.loop.kind : ""}`} mark={mark} tabbable={tabbable} />)}
        {step.flight !== null && step.flight.call.runaway.map((mark) => <RunawayBadge key={mark.rule} mark={mark} />)}
        <span className="ml-auto shrink-0 pl-2 text-right text-xs text-muted-foreground">
          <RolledUp step={step} narrow={narrow} />
        </span>
      </div>
      <StepBar step={step} color={look?.color ?? "var(--agent-none)"} window={window} nowMs={nowMs} dimmed={dimmed} />
    </div>
  );
});

function FoldSign({ branch, open, onFold }: { branch: boolean; open: boolean; onFold: () => void }) {
  if (!branch) return <span className="size-6 shrink-0" />;
  return (
    <span
      aria-hidden
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
      className="grid size-6 shrink-0 place-items-center rounded-sm text-faint hover:text-foreground"
    >
      <ChevronRight className={cn("size-3.5", open && "rotate-90")} />
    </span>
  );
}

/** What a row is called; what was worked out about it is marked. */
function StepName({ step, look, dimmed, tabbable }: { step: Step; look: Look | undefined; dimmed: boolean; tabbable: boolean }) {
  const t = useT();
  const hinted = step.kind === "agent" ? step.node?.found.agent : step.internal !== null ? step.node?.found.serves : undefined;
  return (
    <FoundMark found={hinted} field={step.kind === "agent" ? "agent" : "serves"} tabbable={tabbable}>
      <span
        className={cn(
          "min-w-0 truncate",
          (step.kind === "run" || step.kind === "agent") && "font-medium",
          dimmed && "text-muted-foreground",
          step.status === "failed" && "text-bad",
          isHinted(hinted) && "underline decoration-dotted decoration-1 underline-offset-3",
          step.name === "" && step.kind !== "agent" && "text-faint",
        )}
      >
        {stepName(step, look, t)}
      </span>
    </FoundMark>
  );
}

export function stepName(step: Step, look: Look | undefined, t: Translate): string {
  if (step.kind === "agent") return look?.label ?? (step.name === "" ? t("tree.unnamed") : step.name);
  if (step.internal !== null && (step.kind === "task" || step.name === "")) return internalLabel(step.internal, t);
  if (step.name !== "") return step.name;
  return step.kind === "task" ? t("tree.task") : (step.spanType ?? t("tree.run"));
}

export function internalLabel(kind: string, t: Translate): string {
  const key = `tree.internal.${kind}`;
  return isMessageKey(key) ? t(key) : kind;
}

function kindLabel(step: Step, t: Translate): string {
  if (step.kind === "call" || step.kind === "run") return "";
  if (step.kind === "span" || step.kind === "attempt") return step.spanType ?? "";
  if (step.kind === "task" && step.internal !== null) return t("tree.internalTask");
  // What has no name is called by its kind already.
  if (step.kind === "task" && step.name === "") return "";
  return t(`tree.kind.${step.kind}`);
}

/** Sums of everything below; of a running call what it has said so far. */
function RolledUp({ step, narrow }: { step: Step; narrow: boolean }) {
  const t = useT();
  const { totals } = step;
  if (step.flight !== null) {
    return step.flight.ended !== null ? t("flight.recording") : t(`flight.${step.flight.call.state}`);
  }
  const flying = step.flying > 0 && <span className="mr-2 text-link" title={t("flight.count", { n: step.flying })}>{t("flight.below", { n: step.flying })}</span>;
  if (totals.calls === 0) return flying === false ? null : flying;
  const refused = totals.errors === totals.calls && totals.input_tokens === 0;
  const unknown = totals.unknown_cost_calls === totals.calls;
  return (
    <>
      {flying}
      {step.kind !== "call" && !narrow && (
        <span className="inline-block w-10 text-right" title={t("tree.callsTitle", { n: totals.calls, own: totals.internal_calls })}>
          <Count value={totals.calls} />
        </span>
      )}
      {!narrow && <span className="inline-block w-14 text-right">{refused ? <span className="text-faint">–</span> : <Count value={totals.input_tokens + totals.output_tokens} />}</span>}
      <span className="inline-block w-18 text-right">{refused ? <span className="text-faint">–</span> : <Money amount={unknown ? null : totals.cost} />}</span>
    </>
  );
}
