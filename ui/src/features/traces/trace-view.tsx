import { useEffect, useMemo, useRef, useState } from "react";
import type { Span } from "@/api/types";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { Lanes } from "./lanes";
import { SpanRows } from "./span-rows";
import { niceTicks, position, tickLabel, type TimeWindow } from "./time-axis";
import { buildTree, visibleNodes } from "./trace-tree";

interface TraceViewProps {
  spans: readonly Span[];
  selected: string | null;
  onSelect: (spanId: string) => void;
}

/** Lanes over tree and waterfall, all on one time axis. */
export function TraceView({ spans, selected, onSelect }: TraceViewProps) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 1_000);
  const tree = useMemo(() => buildTree(spans), [spans]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [zoom, setZoom] = useState<TimeWindow | null>(null);
  const rows = useMemo(() => visibleNodes(tree.roots, folded), [tree, folded]);
  const nowMs = useElapsed(tree.startedAt, tree.lengthMs, tree.running);
  const window = zoom ?? { fromMs: 0, toMs: Math.max(nowMs, tree.lengthMs) * 1.02 };
  const labelWidth = Math.round(Math.min(460, Math.max(260, width * 0.42)));

  const index = rows.findIndex((row) => row.span.span_id === selected);
  const step = (by: number) => {
    const row = rows[index === -1 ? 0 : index + by];
    if (row !== undefined) onSelect(row.span.span_id);
  };
  useHotkeys({ f: () => setZoom(null), j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) });
  const fold = (spanId: string) => {
    const next = new Set(folded);
    if (!next.delete(spanId)) next.add(spanId);
    setFolded(next);
  };

  return (
    <div ref={box} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Axis window={window} labelWidth={labelWidth} width={width - labelWidth}>
        {zoom === null ? (
          <span className="text-faint">{t("trace.dragHint")}</span>
        ) : (
          <button type="button" className="rounded-sm px-1 text-link hover:underline" onClick={() => setZoom(null)}>
            {t("trace.fit")} <kbd className="key">f</kbd>
          </button>
        )}
      </Axis>
      <Lanes tree={tree} window={window} onWindow={setZoom} nowMs={nowMs} labelWidth={labelWidth} />
      <SpanRows rows={rows} folded={folded} selected={selected} window={window} nowMs={nowMs} labelWidth={labelWidth} onSelect={onSelect} onFold={fold} />
    </div>
  );
}

interface AxisProps {
  window: TimeWindow;
  labelWidth: number;
  width: number;
  children: React.ReactNode;
}

function Axis({ window, labelWidth, width, children }: AxisProps) {
  const ticks = niceTicks(window, Math.max(2, Math.floor(width / 90)));
  return (
    <div className="flex h-7 shrink-0 items-center border-b text-2xs text-muted-foreground">
      <div className="flex h-full shrink-0 items-center border-r pl-4" style={{ width: labelWidth }}>
        {children}
      </div>
      <div aria-hidden className="relative h-full min-w-0 flex-1 overflow-hidden">
        {ticks.map((ms) => (
          <span key={ms} className="absolute inset-y-0 flex items-center border-l border-border pl-1 tabular-nums" style={{ left: `${String(position(ms, window) * 100)}%` }}>
            {tickLabel(ms)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Milliseconds since the trace began; moves only while something runs. */
function useElapsed(startedAt: number, lengthMs: number, running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return running ? Math.max(now - startedAt, lengthMs) : lengthMs;
}
