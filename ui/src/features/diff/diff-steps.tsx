import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { DiffCall, DiffStep } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { Duration, Money, TokenFlow } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import { differences, stepKey } from "./diff-rows";

const ROW_HEIGHT = 52;

interface DiffStepsProps {
  steps: readonly DiffStep[];
  chosen: string | null;
  onChoose: (step: DiffStep) => void;
}

/** The steps of both runs: one line for each, the first run's call at the left, the second's at the right. */
export function DiffSteps({ steps, chosen, onChoose }: DiffStepsProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: steps.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 12, initialRect: { width: 800, height: 600 } });
  const index = steps.findIndex((step) => stepKey(step) === chosen);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    // Only a change of the choice scrolls.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chosen]);
  return (
    <div ref={scroller} role="listbox" aria-label={t("diff.title")} tabIndex={0} className="min-h-0 flex-1 overflow-auto text-sm focus-visible:outline-offset-[-2px]">
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const step = steps[item.index];
          if (step === undefined) return null;
          const key = stepKey(step);
          return (
            <div
              key={key}
              role="option"
              aria-selected={key === chosen}
              aria-setsize={steps.length}
              aria-posinset={item.index + 1}
              onClick={() => onChoose(step)}
              className={cn("absolute inset-x-0 top-0 grid cursor-default grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-stretch border-b border-line hover:bg-hover sm:grid-cols-[minmax(110px,200px)_minmax(0,1fr)_minmax(0,1fr)]", key === chosen && "bg-selected hover:bg-selected")}
              style={{ height: item.size, transform: `translateY(${String(item.start)}px)` }}
            >
              <What step={step} />
              <Side call={step.a} other={step.b} tone={step.kind === "only_a" ? "gone" : null} />
              <Side call={step.b} other={step.a} tone={step.kind === "only_b" ? "new" : null} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function What({ step }: { step: DiffStep }) {
  const t = useT();
  const what = differences(step, t);
  return (
    <div className="flex min-w-0 flex-col justify-center gap-0.5 px-4 max-sm:hidden">
      <AgentChip name={step.agent_name} seed={step.agent_name ?? step.agent} fallback={t("tree.unnamed")} className="text-sm" />
      <span className={cn("truncate text-xs", step.kind === "same" ? "text-faint" : "text-warn")}>{what.length > 0 ? what.join(", ") : t(`diff.kind.${step.kind}`)}</span>
    </div>
  );
}

function Side({ call, other, tone }: { call: DiffCall | null | undefined; other: DiffCall | null | undefined; tone: "gone" | "new" | null }) {
  const t = useT();
  if (call === null || call === undefined) return <div className="flex items-center border-l border-dashed border-line bg-sunken px-3 text-xs text-faint">{t("diff.absent")}</div>;
  const otherModel = other !== null && other !== undefined && other.model !== call.model;
  const otherStatus = other !== null && other !== undefined && other.status !== call.status;
  return (
    <div className={cn("flex min-w-0 flex-col justify-center gap-0.5 border-l border-line px-3", tone === "gone" && "bg-bad/8", tone === "new" && "bg-ok/8")}>
      <span className="flex min-w-0 items-baseline gap-2">
        <span className={cn("truncate font-mono text-xs", otherModel && "font-semibold text-warn")}>{call.model}</span>
        {(call.status !== "completed" || otherStatus) && <span className={cn("text-xs", call.status === "completed" ? "text-ok" : "text-bad")}>{call.status}</span>}
        {call.tool_names.length > 0 && <span className="truncate text-xs text-muted-foreground">{call.tool_names.join(", ")}</span>}
      </span>
      <span className="flex min-w-0 gap-x-3 overflow-hidden text-xs whitespace-nowrap text-muted-foreground">
        <TokenFlow input={call.input_tokens} output={call.output_tokens} />
        <Duration ms={call.duration_us / 1_000} />
        <Money amount={call.cost} />
      </span>
    </div>
  );
}
