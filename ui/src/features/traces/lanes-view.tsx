import { useEffect, useMemo, useRef, useState } from "react";
import { Count, Duration, Money } from "@/components/numbers";
import { useSize } from "@/hooks/use-size";
import { useT } from "@/i18n/i18n";
import { formatDuration, joinParts } from "@/lib/format";
import { useHotkeys } from "@/lib/hotkeys";
import { isDark, usePrefs } from "@/lib/prefs";
import { cn } from "@/lib/utils";
import { AgentLabel } from "./agent-label";
import { drawLanes } from "./lane-canvas";
import { layoutLanes, stepAt, walkOf, type Lane, type LaneLayout } from "./lane-layout";
import type { Look } from "./look";
import type { Step } from "./run-tree";
import { dragWindow, momentAt, type TimeWindow } from "./time-axis";
import { TimeAxis } from "./time-axis-bar";
import { stepName } from "./tree-row";
import { wholeWindow, type TimedViewProps } from "./tree-view";

/** How far beside a bar a click still means it, in pixels. */
const REACH = 3;

/** A lane per agent on one time axis: what each did when, what ran at once, and where work went over. */
export function LanesView(props: TimedViewProps) {
  const { tree, looks, selected, agent, onStep, onAgent, nowMs, width, zoom, onZoom } = props;
  const t = useT();
  const layout = useMemo(() => layoutLanes(tree), [tree]);
  const window = zoom ?? wholeWindow(tree, nowMs);
  const labelWidth = Math.round(Math.min(300, Math.max(168, width * 0.24)));
  const walk = useMemo(() => walkOf(layout), [layout]);
  const step = (by: number) => {
    const index = selected === null ? -1 : walk.findIndex((one) => one.id === selected.id);
    const next = walk[index === -1 ? 0 : index + by];
    if (next !== undefined) onStep(next);
  };
  useHotkeys({ f: () => onZoom(null), j: () => step(1), k: () => step(-1), ArrowRight: () => step(1), ArrowLeft: () => step(-1) });
  const scroller = useRef<HTMLDivElement>(null);
  const [viewTop, setViewTop] = useState(0);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <TimeAxis window={window} labelWidth={labelWidth} width={width - labelWidth} zoomed={zoom !== null} onFit={() => onZoom(null)} hint={t("trace.dragHint")} />
      <div ref={scroller} tabIndex={0} role="region" aria-label={t("tree.view.lanes")} className="relative min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2" onScroll={(event) => setViewTop(event.currentTarget.scrollTop)}>
        <div className="flex" style={{ height: layout.height, minHeight: "100%" }}>
          <ul className="relative shrink-0 border-r" style={{ width: labelWidth }}>
            {layout.lanes.map((lane) => (
              <LaneLabel key={lane.key} lane={lane} look={looks.get(lane.key)} chosen={agent === lane.key} onAgent={onAgent} />
            ))}
          </ul>
          <LaneCanvas {...props} layout={layout} scroller={scroller} viewTop={viewTop} window={window} onPick={onStep} />
        </div>
      </div>
    </div>
  );
}

function LaneLabel({ lane, look, chosen, onAgent }: { lane: Lane; look: Look | undefined; chosen: boolean; onAgent: (agent: string) => void }) {
  const totals = look?.speaker.totals;
  return (
    <li className={cn("absolute inset-x-0 flex flex-col justify-center overflow-hidden border-b border-line pr-2 pl-3", chosen && "bg-selected")} style={{ top: lane.top, height: lane.height }}>
      <AgentLabel look={look} chosen={chosen} onAgent={onAgent} />
      {totals !== undefined && totals.calls > 0 && (
        <span className="flex gap-2.5 overflow-hidden pl-3.5 text-2xs whitespace-nowrap text-muted-foreground">
          <span><Count value={totals.calls} />×</span>
          <Duration ms={(look?.speaker.busy_us ?? 0) / 1_000} />
          <Money amount={totals.unknown_cost_calls === totals.calls ? null : totals.cost} />
        </span>
      )}
    </li>
  );
}

interface LaneCanvasProps extends TimedViewProps {
  layout: LaneLayout;
  scroller: React.RefObject<HTMLDivElement | null>;
  viewTop: number;
  window: TimeWindow;
  onPick: (step: Step) => void;
}

/** The lanes themselves: a canvas as large as the screen shows of them, drawn again as one scrolls, zooms or waits. */
function LaneCanvas({ tree, looks, selected, agent, nowMs, onZoom, onPick, layout, scroller, viewTop, window: shown }: LaneCanvasProps) {
  const t = useT();
  const dark = isDark(usePrefs());
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const { height } = useSize(scroller);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [hover, setHover] = useState<{ step: Step; x: number; y: number } | null>(null);
  const chosen = selected?.id ?? null;
  const fonts = useFontsLoaded();
  useEffect(() => {
    if (canvas.current === null) return;
    drawLanes(canvas.current, { layout, looks, passings: tree.passings, window: shown, nowMs, width, viewTop, viewHeight: height, selected: chosen, hovered: hover?.step.id ?? null, agent });
    // Colors are read from the theme and words are set in the page's font, so a change of either draws again.
  }, [layout, looks, tree, shown, nowMs, width, height, viewTop, chosen, hover, agent, dark, fonts]);

  const place = (event: React.PointerEvent) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return { share: (event.clientX - bounds.left) / bounds.width, x: event.clientX - bounds.left, y: event.clientY - bounds.top, reach: REACH / bounds.width };
  };
  const hit = (event: React.PointerEvent) => {
    const { share, y, reach } = place(event);
    return stepAt(layout, y, momentAt(share - reach, shown), momentAt(share + reach, shown), nowMs);
  };
  return (
    <div
      ref={box}
      role="img"
      aria-label={t("trace.lanesLabel", { n: layout.lanes.length })}
      className={cn("relative min-w-0 flex-1 touch-none", hover === null ? "cursor-crosshair" : "cursor-pointer")}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const { share } = place(event);
        setDrag({ from: share, to: share });
      }}
      onPointerMove={(event) => {
        if (drag !== null) setDrag({ ...drag, to: place(event).share });
        const step = hit(event);
        setHover(step === null ? null : { step, x: place(event).x, y: place(event).y });
      }}
      onPointerLeave={() => setHover(null)}
      onPointerUp={(event) => {
        const next = drag === null ? null : dragWindow(drag.from, drag.to, shown);
        setDrag(null);
        const step = hit(event);
        if (next !== null) onZoom(next);
        else if (step !== null) onPick(step);
      }}
    >
      <canvas ref={canvas} className="sticky top-0 block" style={{ width, height }} />
      {drag !== null && (
        <span aria-hidden className="absolute inset-y-0 bg-accent/40" style={{ left: `${String(Math.min(drag.from, drag.to) * 100)}%`, width: `${String(Math.abs(drag.to - drag.from) * 100)}%` }} />
      )}
      {hover !== null && drag === null && <HoverCard step={hover.step} look={looks.get(hover.step.agent ?? "")} nowMs={nowMs} x={hover.x} y={hover.y} width={width} />}
    </div>
  );
}

function HoverCard({ step, look, nowMs, x, y, width }: { step: Step; look: Look | undefined; nowMs: number; x: number; y: number; width: number }) {
  const t = useT();
  const { totals } = step;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-10 max-w-72 rounded-md bg-foreground px-2 py-1 text-xs text-background"
      style={{ top: y + 18, ...(x > width * 0.6 ? { right: width - x + 8 } : { left: x + 8 }) }}
    >
      <span className="block truncate font-medium">{stepName(step, look, t)}</span>
      <span className="flex gap-2.5 opacity-80">
        <span className="truncate">{look?.label ?? t("trace.noAgent")}</span>
        <span className="whitespace-nowrap">{joinParts(formatDuration((step.endMs ?? nowMs) - step.startMs))}</span>
        {totals.calls > 0 && totals.unknown_cost_calls === 0 && <Money amount={totals.cost} />}
      </span>
    </div>
  );
}

/** A canvas drawn before the font is there is set in another, and stays so until it is drawn again. */
function useFontsLoaded(): boolean {
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    // Absent where there is no layout, whatever the type says.
    const fonts = document.fonts as FontFaceSet | undefined;
    void fonts?.ready.then(() => setLoaded(true));
  }, []);
  return loaded;
}
