import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { AgentMark } from "@/components/agent-chip";
import { Count, Duration, Money } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { cn } from "@/lib/utils";
import { position, type TimeWindow } from "./time-axis";
import { shownChildren, type TraceNode } from "./trace-tree";

const ROW_HEIGHT = 28;
/** A tree narrower than this shows names and cost only. */
const NARROW = 330;

interface SpanRowsProps {
  rows: readonly TraceNode[];
  folded: ReadonlySet<string>;
  selected: string | null;
  window: TimeWindow;
  nowMs: number;
  labelWidth: number;
  onSelect: (spanId: string) => void;
}

/** The tree and, on the same line, when each step happened. Only the rows on the screen exist. */
export function SpanRows({ rows, selected, labelWidth, onSelect, onFold, ...shared }: SpanRowsProps & { onFold: (spanId: string) => void }) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 16,
    initialRect: { width: 800, height: 600 },
  });
  const index = selected === null ? -1 : rows.findIndex((row) => row.span.span_id === selected);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    // Only a change of selection scrolls, not a tree that grows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);
  return (
    <div ref={scroller} role="tree" aria-label={t("trace.tree")} className="min-h-0 flex-1 overflow-y-auto">
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const node = rows[item.index];
          if (node === undefined) return null;
          return (
            <div key={node.span.span_id} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${String(item.start)}px)` }}>
              <SpanRow node={node} selected={node.span.span_id === selected} labelWidth={labelWidth} onSelect={onSelect} onFold={onFold} tabbable={index === -1 ? item.index === 0 : item.index === index} {...shared} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface SpanRowProps {
  node: TraceNode;
  selected: boolean;
  tabbable: boolean;
  folded: ReadonlySet<string>;
  window: TimeWindow;
  nowMs: number;
  labelWidth: number;
  onSelect: (spanId: string) => void;
  onFold: (spanId: string) => void;
}

const SpanRow = memo(function SpanRow({ node, selected, tabbable, folded, window, nowMs, labelWidth, onSelect, onFold }: SpanRowProps) {
  const { span } = node;
  const branch = shownChildren(node).length > 0;
  const open = branch && !folded.has(span.span_id);
  const narrow = labelWidth < NARROW;
  return (
    <div
      role="treeitem"
      aria-level={node.depth + 1}
      aria-selected={selected}
      {...(branch ? { "aria-expanded": open } : {})}
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onSelect(span.span_id)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onSelect(span.span_id);
        if ((event.key === "ArrowRight" && branch && !open) || (event.key === "ArrowLeft" && open)) onFold(span.span_id);
      }}
      className={cn("flex h-full cursor-default text-sm hover:bg-hover", selected && "bg-selected hover:bg-selected")}
    >
      <div className="flex shrink-0 items-center gap-1.5 border-r border-line pr-3" style={{ width: labelWidth, paddingLeft: 8 + Math.min(node.depth, 12) * 14 }}>
        {branch ? (
          <span
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              onFold(span.span_id);
            }}
            className="grid size-6 shrink-0 place-items-center rounded-sm text-faint hover:text-foreground"
          >
            <ChevronRight className={cn("size-3.5", open && "rotate-90")} />
          </span>
        ) : (
          <span className="size-6 shrink-0" />
        )}
        <AgentMark name={span.agent} />
        <span className={cn("min-w-0 truncate", span.status === "failed" && "text-bad", span.status === "running" && "animate-breathe")}>{span.name === "" ? span.span_type : span.name}</span>
        {!narrow && <span className="shrink-0 text-2xs text-faint">{span.span_type === "llm_call" ? "" : span.span_type}</span>}
        <span className="ml-auto shrink-0 pl-2 text-right text-xs text-muted-foreground">
          <RollupFigures node={node} narrow={narrow} />
        </span>
      </div>
      <SpanBar node={node} window={window} nowMs={nowMs} />
    </div>
  );
});

function RollupFigures({ node, narrow }: { node: TraceNode; narrow: boolean }) {
  const { rollup } = node;
  if (rollup.calls === 0) return null;
  if (rollup.errors === rollup.calls && rollup.inputTokens === 0) return <span className="text-faint">–</span>;
  const unknown = rollup.unknownCosts === rollup.calls;
  return (
    <>
      {!narrow && (
        <span className="inline-block w-14 text-right">
          <Count value={rollup.inputTokens + rollup.outputTokens} />
        </span>
      )}
      <span className="inline-block w-18 text-right">{unknown ? <Money amount={null} /> : <Money amount={rollup.cost} />}</span>
    </>
  );
}

function SpanBar({ node, window, nowMs }: { node: TraceNode; window: TimeWindow; nowMs: number }) {
  const { span } = node;
  const endMs = node.endMs ?? nowMs;
  const left = position(node.startMs, window) * 100;
  const right = position(endMs, window) * 100;
  const failed = span.status === "failed";
  const color = failed ? "var(--bad)" : agentColor(span.agent);
  const container = node.children.length > 0 && span.span_type !== "llm_call";
  const first = span.first_token_us === null || span.first_token_us === undefined ? null : span.first_token_us / 1_000;
  const width = Math.max(right - left, 0);
  const firstShare = first === null || endMs <= node.startMs ? null : Math.min(1, first / (endMs - node.startMs));
  return (
    <div className="relative min-w-0 flex-1 overflow-hidden">
      <span
        aria-hidden
        className={cn("absolute top-1/2 min-w-0.5 -translate-y-1/2 overflow-hidden rounded-[2px]", container ? "h-1" : "h-3", node.endMs === null && "animate-breathe")}
        style={{ left: `${String(left)}%`, width: `${String(width)}%`, backgroundColor: firstShare === null || container ? color : `color-mix(in oklab, ${color} 35%, transparent)`, opacity: container ? 0.55 : 1 }}
      >
        {firstShare !== null && !container && <span className="absolute inset-y-0 right-0" style={{ left: `${String(firstShare * 100)}%`, backgroundColor: color }} />}
      </span>
      <span className="absolute top-1/2 -translate-y-1/2 px-1.5 text-2xs whitespace-nowrap text-muted-foreground" style={right < 82 ? { left: `${String(Math.max(right, 0))}%` } : { right: `${String(Math.max(100 - left, 0))}%` }}>
        <Duration ms={endMs - node.startMs} />
      </span>
    </div>
  );
}
