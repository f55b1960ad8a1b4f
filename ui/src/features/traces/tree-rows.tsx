import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useT } from "@/i18n/i18n";
import type { Look } from "./look";
import type { CallMarks } from "./marks";
import type { Step } from "./run-tree";
import type { TimeWindow } from "./time-axis";
import { TreeRow } from "./tree-row";

const ROW_HEIGHT = 28;

interface TreeRowsProps {
  rows: readonly Step[];
  folded: ReadonlySet<string>;
  looks: ReadonlyMap<string, Look>;
  marks: CallMarks;
  /** Id of the chosen step. */
  selected: string | null;
  agent: string | null;
  window: TimeWindow;
  nowMs: number;
  labelWidth: number;
  onSelect: (step: Step) => void;
  onFold: (id: string) => void;
}

/** Only the rows on the screen exist. */
export function TreeRows({ rows, folded, looks, marks, selected, agent, ...shared }: TreeRowsProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
    initialRect: { width: 800, height: 600 },
  });
  // The row that has the focus, however it got it: what stands in it is reached from there.
  const [reached, setReached] = useState<string | null>(null);
  const index = selected === null ? -1 : rows.findIndex((row) => row.id === selected);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    // Only a change of selection scrolls, not a tree that grows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);
  return (
    <div ref={scroller} role="tree" aria-label={t("trace.tree")} className="min-h-0 flex-1 overflow-y-auto">
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const step = rows[item.index];
          if (step === undefined) return null;
          return (
            <div key={step.id} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${String(item.start)}px)` }}>
              <TreeRow
                step={step}
                look={looks.get(step.agent ?? "")}
                marks={marks.get(step.callId ?? "")}
                open={step.children.length > 0 && !folded.has(step.id)}
                selected={step.id === selected}
                dimmed={agent !== null && step.agent !== null && step.agent !== agent}
                tabbable={step.id === reached || (index === -1 ? item.index === 0 : item.index === index)}
                onReach={setReached}
                {...shared}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
