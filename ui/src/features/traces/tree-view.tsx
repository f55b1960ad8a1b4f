import { useMemo, useState } from "react";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { LaneStrip } from "./lane-strip";
import type { Look } from "./look";
import type { CallMarks } from "./marks";
import { visibleSteps, type RunTree, type Step } from "./run-tree";
import { TimeAxis } from "./time-axis-bar";
import type { TimeWindow } from "./time-axis";
import { TreeRows } from "./tree-rows";

export interface TimedViewProps {
  tree: RunTree;
  looks: ReadonlyMap<string, Look>;
  marks: CallMarks;
  /** The step that is chosen. */
  selected: Step | null;
  /** The agent that stands out. */
  agent: string | null;
  onStep: (step: Step) => void;
  onAgent: (agent: string) => void;
  /** Milliseconds since the run began. */
  nowMs: number;
  /** Of the whole view, in pixels. */
  width: number;
  zoom: TimeWindow | null;
  onZoom: (zoom: TimeWindow | null) => void;
}

/** The tree at the left, and on the same line when each step happened; over it when each agent was at work. */
export function TreeView({ tree, looks, marks, selected, agent, onStep, onAgent, nowMs, width, zoom, onZoom }: TimedViewProps) {
  const t = useT();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => visibleSteps(tree, folded), [tree, folded]);
  const window = zoom ?? wholeWindow(tree, nowMs);
  const labelWidth = Math.round(Math.min(560, Math.max(260, width * 0.46)));
  const index = selected === null ? -1 : rows.findIndex((row) => row.id === selected.id);
  const step = (by: number) => {
    const row = rows[index === -1 ? 0 : index + by];
    if (row !== undefined) onStep(row);
  };
  useHotkeys({ f: () => onZoom(null), j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) });
  const fold = (id: string) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <TimeAxis window={window} labelWidth={labelWidth} width={width - labelWidth} zoomed={zoom !== null} onFit={() => onZoom(null)} hint={t("trace.dragHint")} />
      <LaneStrip tree={tree} looks={looks} agent={agent} onAgent={onAgent} window={window} onWindow={onZoom} nowMs={nowMs} labelWidth={labelWidth} />
      <TreeRows rows={rows} folded={folded} looks={looks} marks={marks} selected={selected?.id ?? null} agent={agent} window={window} nowMs={nowMs} labelWidth={labelWidth} onSelect={onStep} onFold={fold} />
    </div>
  );
}

/** The whole run, with a little room behind its end. */
export function wholeWindow(tree: RunTree, nowMs: number): TimeWindow {
  return { fromMs: 0, toMs: Math.max(tree.running ? nowMs : 0, tree.lengthMs) * 1.02 };
}
