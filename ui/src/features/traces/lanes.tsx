import { useEffect, useRef, useState } from "react";
import { AgentChip } from "@/components/agent-chip";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { isDark, usePrefs } from "@/lib/prefs";
import { dragWindow, position, type TimeWindow } from "./time-axis";
import { handovers, isWork, type TraceTree } from "./trace-tree";

export const LANE_HEIGHT = 22;
/** More lanes than this scroll. */
const SHOWN_LANES = 8;

interface LanesProps {
  tree: TraceTree;
  window: TimeWindow;
  onWindow: (window: TimeWindow) => void;
  nowMs: number;
  labelWidth: number;
}

/** One lane per agent: when each was at work, and where one handed over to the next. Drag to zoom. */
export function Lanes({ tree, window, onWindow, nowMs, labelWidth }: LanesProps) {
  const t = useT();
  return (
    <div className="flex shrink-0 overflow-y-auto border-b bg-sunken" style={{ maxHeight: SHOWN_LANES * LANE_HEIGHT + 9 }}>
      <ul className="shrink-0 border-r py-1 pl-4 text-xs" style={{ width: labelWidth }}>
        {tree.agents.map((agent) => (
          <li key={agent} className="flex items-center pr-2" style={{ height: LANE_HEIGHT }}>
            <AgentChip name={agent} fallback={t("trace.noAgent")} />
          </li>
        ))}
      </ul>
      <LaneCanvas tree={tree} window={window} onWindow={onWindow} nowMs={nowMs} />
    </div>
  );
}

function LaneCanvas({ tree, window: shown, onWindow, nowMs }: Omit<LanesProps, "labelWidth">) {
  const t = useT();
  const prefs = usePrefs();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box, 600);
  const height = tree.agents.length * LANE_HEIGHT + 8;
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const dark = isDark(prefs);

  useEffect(() => {
    if (canvas.current !== null) drawLanes(canvas.current, tree, shown, nowMs, width, height);
    // Colors are read from the theme, so a change of theme draws again.
  }, [tree, shown, nowMs, width, height, dark]);

  const share = (event: React.PointerEvent) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return (event.clientX - bounds.left) / bounds.width;
  };
  return (
    <div
      ref={box}
      role="img"
      aria-label={t("trace.lanesLabel", { n: tree.agents.length })}
      className="relative min-w-0 flex-1 cursor-crosshair touch-none"
      style={{ height }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: share(event), to: share(event) });
      }}
      onPointerMove={(event) => {
        if (drag !== null) setDrag({ ...drag, to: share(event) });
      }}
      onPointerUp={() => {
        const next = drag === null ? null : dragWindow(drag.from, drag.to, shown);
        setDrag(null);
        if (next !== null) onWindow(next);
      }}
    >
      <canvas ref={canvas} className="absolute inset-0" style={{ width, height }} />
      {drag !== null && (
        <span
          aria-hidden
          className="absolute inset-y-0 bg-accent/40"
          style={{ left: `${String(Math.min(drag.from, drag.to) * 100)}%`, width: `${String(Math.abs(drag.to - drag.from) * 100)}%` }}
        />
      )}
    </div>
  );
}

function drawLanes(canvas: HTMLCanvasElement, tree: TraceTree, shown: TimeWindow, nowMs: number, width: number, height: number): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const scale = window.devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const styles = getComputedStyle(canvas);
  const color = (name: string) => styles.getPropertyValue(name.replace(/^var\((.*)\)$/, "$1")).trim();
  const lane = new Map(tree.agents.map((agent, index) => [agent, index]));
  const middle = (agent: string) => 4 + (lane.get(agent) ?? 0) * LANE_HEIGHT + LANE_HEIGHT / 2;
  const x = (ms: number) => position(ms, shown) * width;

  const stack = [...tree.roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    stack.push(...node.children);
    if (!isWork(node)) continue;
    const left = x(node.startMs);
    const right = x(node.endMs ?? nowMs);
    if (right < 0 || left > width) continue;
    const agent = node.span.agent ?? "";
    const tool = node.span.span_type === "tool";
    context.fillStyle = node.span.status === "failed" ? color("--bad") : color(agentColor(agent));
    context.globalAlpha = node.endMs === null ? 0.5 : 1;
    context.fillRect(left, middle(agent) - (tool ? 2 : 5), Math.max(right - left, 1.5), tool ? 4 : 10);
  }
  context.globalAlpha = 1;
  drawHandovers(context, tree, color("--muted-foreground"), middle, x);
}

function drawHandovers(context: CanvasRenderingContext2D, tree: TraceTree, color: string, middle: (agent: string) => number, x: (ms: number) => number): void {
  context.strokeStyle = color;
  context.lineWidth = 1;
  for (const handover of handovers(tree)) {
    const at = x(handover.atMs);
    const from = middle(handover.fromAgent);
    const to = middle(handover.toAgent);
    context.beginPath();
    context.moveTo(at - 6, from);
    context.bezierCurveTo(at + 4, from, at - 10, to, at, to);
    context.stroke();
    context.beginPath();
    context.arc(at, to, 1.8, 0, Math.PI * 2);
    context.fillStyle = color;
    context.fill();
  }
}
