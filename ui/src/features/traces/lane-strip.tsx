import { useEffect, useMemo, useRef, useState } from "react";
import { AgentChip } from "@/components/agent-chip";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { isHinted } from "@/lib/found";
import { isDark, usePrefs } from "@/lib/prefs";
import { cn } from "@/lib/utils";
import type { Look } from "./look";
import { isWork, type RunTree, type Step } from "./run-tree";
import { dragWindow, position, type TimeWindow } from "./time-axis";

export const LANE_HEIGHT = 24;
/** More lanes than this scroll. */
const SHOWN_LANES = 6;

interface LaneStripProps {
  tree: RunTree;
  looks: ReadonlyMap<string, Look>;
  agent: string | null;
  onAgent: (agent: string) => void;
  window: TimeWindow;
  onWindow: (window: TimeWindow) => void;
  nowMs: number;
  labelWidth: number;
}

/** When each agent was at work, small, over the tree: for finding one's way, and for zooming by a drag. */
export function LaneStrip({ tree, looks, agent, onAgent, window, onWindow, nowMs, labelWidth }: LaneStripProps) {
  const t = useT();
  const work = useMemo(() => tree.steps.filter(isWork), [tree]);
  const lanes = useMemo(() => lanesOf(tree, work), [tree, work]);
  return (
    <div className="flex shrink-0 overflow-y-auto border-b bg-sunken" style={{ maxHeight: SHOWN_LANES * LANE_HEIGHT + 9 }}>
      <ul aria-label={t("traces.agents")} className="shrink-0 border-r py-1 pl-4 text-xs" style={{ width: labelWidth }}>
        {lanes.map((key) => {
          const look = looks.get(key);
          return (
            <li key={key} className="flex items-center pr-2" style={{ height: LANE_HEIGHT }}>
              {look === undefined ? (
                <AgentChip name={null} fallback={t("trace.noAgent")} />
              ) : (
                <button type="button" aria-pressed={agent === key} onClick={() => onAgent(key)} className={cn("flex h-6 min-w-0 items-center rounded-sm hover:underline", agent === key && "font-medium")}>
                  <AgentChip name={look.name} seed={look.seed} fallback={look.label} inferred={isHinted(look.speaker.found)} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      <StripCanvas work={work} lanes={lanes} tree={tree} looks={looks} agent={agent} window={window} onWindow={onWindow} nowMs={nowMs} />
    </div>
  );
}

/** Agents that did anything, in the order they first spoke; an empty key for work of nobody known. */
function lanesOf(tree: RunTree, work: readonly Step[]): string[] {
  const busy = new Set(work.map((step) => step.agent ?? ""));
  return [...new Set([...tree.speakers.map((speaker) => speaker.agent), ...busy])].filter((key) => busy.has(key));
}

interface StripCanvasProps extends Omit<LaneStripProps, "labelWidth" | "onAgent"> {
  work: readonly Step[];
  lanes: readonly string[];
}

function StripCanvas({ work, lanes, tree, looks, agent, window: shown, onWindow, nowMs }: StripCanvasProps) {
  const t = useT();
  const dark = isDark(usePrefs());
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box, 600);
  const height = lanes.length * LANE_HEIGHT + 8;
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  useEffect(() => {
    if (canvas.current !== null) drawStrip(canvas.current, { work, lanes, tree, looks, agent, window: shown, nowMs }, width, height);
    // Colors are read from the theme, so a change of theme draws again.
  }, [work, lanes, tree, looks, agent, shown, nowMs, width, height, dark]);

  const share = (event: React.PointerEvent) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return (event.clientX - bounds.left) / bounds.width;
  };
  return (
    <div
      ref={box}
      role="img"
      aria-label={t("trace.lanesLabel", { n: lanes.length })}
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

function drawStrip(canvas: HTMLCanvasElement, { work, lanes, tree, looks, agent, window: shown, nowMs }: Omit<StripCanvasProps, "onWindow">, width: number, height: number): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const scale = window.devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const styles = getComputedStyle(canvas);
  const color = (name: string) => styles.getPropertyValue(name.replace(/^var\((.*)\)$/, "$1")).trim();
  const lane = new Map(lanes.map((key, index) => [key, index]));
  const middle = (key: string) => 4 + (lane.get(key) ?? 0) * LANE_HEIGHT + LANE_HEIGHT / 2;
  const x = (ms: number) => position(ms, shown) * width;
  for (const step of work) {
    const left = x(step.startMs);
    const right = x(step.endMs ?? nowMs);
    if (right < 0 || left > width) continue;
    const key = step.agent ?? "";
    const thin = step.kind !== "call" || step.internal !== null;
    context.fillStyle = step.status === "failed" ? color("--bad") : color(looks.get(key)?.color ?? "--agent-none");
    context.globalAlpha = (step.endMs === null ? 0.5 : 1) * (agent !== null && agent !== key ? 0.3 : 1);
    context.fillRect(left, middle(key) - (thin ? 2 : 5), Math.max(right - left, 1.5), thin ? 4 : 10);
  }
  context.globalAlpha = 1;
  context.strokeStyle = color("--muted-foreground");
  context.fillStyle = color("--muted-foreground");
  for (const passing of tree.passings) {
    if (!lane.has(passing.from) || !lane.has(passing.to) || passing.from === passing.to) continue;
    drawPassing(context, x(passing.atMs), middle(passing.from), middle(passing.to));
  }
}

function drawPassing(context: CanvasRenderingContext2D, at: number, from: number, to: number): void {
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(at - 6, from);
  context.bezierCurveTo(at + 4, from, at - 10, to, at, to);
  context.stroke();
  context.beginPath();
  context.arc(at, to, 1.8, 0, Math.PI * 2);
  context.fill();
}
