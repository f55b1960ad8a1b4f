import { trackTop, TRACK_HEIGHT, type Lane, type LaneItem, type LaneLayout } from "./lane-layout";
import type { Look } from "./look";
import type { Passing } from "./run-tree";
import { position, type TimeWindow } from "./time-axis";

export interface LaneDrawing {
  layout: LaneLayout;
  looks: ReadonlyMap<string, Look>;
  passings: readonly Passing[];
  window: TimeWindow;
  nowMs: number;
  width: number;
  /** The part that is on the screen. */
  viewTop: number;
  viewHeight: number;
  selected: string | null;
  hovered: string | null;
  agent: string | null;
}

const BAR_HEIGHT = 16;
const STRIP_HEIGHT = 4;
/** A bar narrower than this carries no words. */
const WORDS_WIDTH = 44;

/** Draws what is on the screen. Colors are those of the theme. */
export function drawLanes(canvas: HTMLCanvasElement, drawing: LaneDrawing): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const scale = window.devicePixelRatio;
  canvas.width = drawing.width * scale;
  canvas.height = drawing.viewHeight * scale;
  context.setTransform(scale, 0, 0, scale, 0, -drawing.viewTop * scale);
  const paint = painter(canvas, context);
  const shown = drawing.layout.lanes.filter((lane) => lane.top + lane.height >= drawing.viewTop && lane.top <= drawing.viewTop + drawing.viewHeight);
  for (const lane of shown) drawLane(paint, drawing, lane);
  drawPassings(paint, drawing);
}

interface Paint {
  context: CanvasRenderingContext2D;
  color: (name: string) => string;
}

function painter(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Paint {
  const styles = getComputedStyle(canvas);
  const known = new Map<string, string>();
  context.font = `11px ${styles.fontFamily}`;
  context.textBaseline = "middle";
  const color = (name: string) => {
    const found = known.get(name) ?? styles.getPropertyValue(name.replace(/^var\((.*)\)$/, "$1")).trim();
    known.set(name, found);
    return found;
  };
  return { context, color };
}

function drawLane({ context, color }: Paint, drawing: LaneDrawing, lane: Lane): void {
  const own = color(drawing.looks.get(lane.key)?.color ?? "--agent-none");
  const faded = drawing.agent !== null && drawing.agent !== lane.key;
  if (drawing.agent === lane.key) {
    context.fillStyle = color("--selected");
    context.globalAlpha = 0.45;
    context.fillRect(0, lane.top, drawing.width, lane.height);
  }
  context.globalAlpha = 1;
  context.fillStyle = color("--line");
  context.fillRect(0, lane.top + lane.height - 1, drawing.width, 1);
  for (const item of lane.items) drawItem({ context, color }, drawing, lane, item, own, faded);
  context.globalAlpha = 1;
}

function drawItem({ context, color }: Paint, drawing: LaneDrawing, lane: Lane, { step, track }: LaneItem, own: string, faded: boolean): void {
  const { left, right } = edges(drawing, step.startMs, step.endMs);
  if (right < 0 || left > drawing.width) return;
  const width = Math.max(right - left, 2);
  const top = trackTop(lane, track) + (TRACK_HEIGHT - BAR_HEIGHT) / 2;
  const main = step.status === "failed" ? color("--bad") : own;
  const strength = faded ? 0.35 : 1;
  const tool = step.kind !== "call";
  context.fillStyle = main;
  context.globalAlpha = (tool ? 0.14 : step.endMs === null ? 0.2 : 0.28) * strength;
  context.fillRect(left, top, width, BAR_HEIGHT);
  context.globalAlpha = strength;
  if (tool || step.internal !== null) outline(context, main, left, top, width, step.internal !== null);
  else drawStrip(context, drawing, step.startMs, step.firstTokenMs, left, right, top);
  if (width >= WORDS_WIDTH) {
    context.fillStyle = color(faded ? "--muted-foreground" : "--foreground");
    context.globalAlpha = 1;
    words(context, step.internal === null ? step.name : (step.internal), Math.max(left, 0) + 5, top + 7, right - Math.max(left, 0) - 9);
  }
  if (step.id === drawing.selected || step.id === drawing.hovered) {
    context.globalAlpha = 1;
    context.strokeStyle = color(step.id === drawing.selected ? "--foreground" : "--muted-foreground");
    context.lineWidth = step.id === drawing.selected ? 2 : 1;
    context.strokeRect(left - 1, top - 1, width + 2, BAR_HEIGHT + 2);
  }
}

function edges(drawing: LaneDrawing, startMs: number, endMs: number | null): { left: number; right: number } {
  const left = position(startMs, drawing.window) * drawing.width;
  return { left, right: Math.max(left, position(endMs ?? Math.max(drawing.nowMs, startMs), drawing.window) * drawing.width) };
}

/** The solid foot of a bar is where the answer came; before it was the wait for the first token. */
function drawStrip(context: CanvasRenderingContext2D, drawing: LaneDrawing, startMs: number, firstTokenMs: number | null, left: number, right: number, top: number): void {
  const from = firstTokenMs === null ? left : Math.min(right, position(startMs + firstTokenMs, drawing.window) * drawing.width);
  context.fillRect(from, top + BAR_HEIGHT - STRIP_HEIGHT, Math.max(right - from, 2), STRIP_HEIGHT);
}

function outline(context: CanvasRenderingContext2D, color: string, left: number, top: number, width: number, dashed: boolean): void {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash(dashed ? [3, 2] : []);
  context.strokeRect(left + 0.5, top + 0.5, Math.max(width - 1, 1), BAR_HEIGHT - 1);
  context.setLineDash([]);
}

/** As much of a text as fits. */
function words(context: CanvasRenderingContext2D, text: string, x: number, y: number, width: number): void {
  if (width < 24 || text === "") return;
  let shown = text;
  while (shown.length > 1 && context.measureText(shown).width > width) shown = shown.slice(0, Math.max(1, Math.floor(shown.length * 0.85) - 1));
  context.fillText(shown === text ? text : `${shown}…`, x, y);
}

/** Where work went from one agent to another: from the end of the call that gave it to the start of the one that took it. */
function drawPassings({ context, color }: Paint, drawing: LaneDrawing): void {
  const lanes = new Map(drawing.layout.lanes.map((lane) => [lane.key, lane]));
  const places = callPlaces(drawing.layout);
  for (const passing of drawing.passings) {
    const from = lanes.get(passing.from);
    const to = lanes.get(passing.to);
    if (from === undefined || to === undefined || from === to) continue;
    const faded = drawing.agent !== null && drawing.agent !== passing.from && drawing.agent !== passing.to;
    const giver = places.get(passing.fromCall ?? "");
    const taker = places.get(passing.toCall ?? "");
    const y1 = giver?.y ?? from.top + from.height / 2;
    const y2 = taker?.y ?? to.top + to.height / 2;
    const x1 = position(giver?.endMs ?? passing.atMs, drawing.window) * drawing.width;
    const x2 = position(taker?.startMs ?? passing.atMs, drawing.window) * drawing.width;
    context.globalAlpha = faded ? 0.25 : 0.9;
    context.strokeStyle = color("--muted-foreground");
    context.fillStyle = color("--muted-foreground");
    arc(context, x1, y1, x2, y2);
  }
  context.globalAlpha = 1;
}

function callPlaces(layout: LaneLayout): Map<string, { y: number; startMs: number; endMs: number }> {
  const places = new Map<string, { y: number; startMs: number; endMs: number }>();
  for (const lane of layout.lanes) {
    for (const { step, track } of lane.items) {
      if (step.callId !== null) places.set(step.callId, { y: trackTop(lane, track) + TRACK_HEIGHT / 2, startMs: step.startMs, endMs: step.endMs ?? step.startMs });
    }
  }
  return places;
}

function arc(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  const reach = Math.max(10, Math.min(40, Math.abs(x2 - x1) / 2));
  context.lineWidth = 1.25;
  context.beginPath();
  context.moveTo(x1, y1);
  context.bezierCurveTo(x1 + reach, y1, x2 - reach, y2, x2 - 4, y2);
  context.stroke();
  context.beginPath();
  context.moveTo(x2, y2);
  context.lineTo(x2 - 6, y2 - 3.5);
  context.lineTo(x2 - 6, y2 + 3.5);
  context.closePath();
  context.fill();
}
