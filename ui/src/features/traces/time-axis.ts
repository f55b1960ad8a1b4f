import { formatDuration, joinParts } from "@/lib/format";

/** The part of a trace that is on the screen, in milliseconds since its start. */
export interface TimeWindow {
  fromMs: number;
  toMs: number;
}

const STEPS = [1, 2, 5];

/** Round marks that divide a window into about `count` parts. */
export function niceTicks(window: TimeWindow, count: number): number[] {
  const span = Math.max(window.toMs - window.fromMs, 0.001);
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = STEPS.map((one) => one * power).find((one) => span / one <= count) ?? 10 * power;
  const ticks: number[] = [];
  for (let index = Math.ceil(window.fromMs / step); index * step <= window.toMs; index += 1) ticks.push(index * step);
  return ticks;
}

export function tickLabel(ms: number): string {
  return ms === 0 ? "0" : joinParts(formatDuration(ms));
}

/** Where a moment stands in the window: 0 at its left edge, 1 at its right. */
export function position(ms: number, window: TimeWindow): number {
  return (ms - window.fromMs) / Math.max(window.toMs - window.fromMs, 0.001);
}

/** The moment at a place in the window. */
export function momentAt(share: number, window: TimeWindow): number {
  return window.fromMs + share * (window.toMs - window.fromMs);
}

/** A window made by dragging, never narrower than a tenth of a millisecond; null when it was only a click. */
export function dragWindow(a: number, b: number, window: TimeWindow): TimeWindow | null {
  const from = Math.max(0, Math.min(a, b));
  const to = Math.min(1, Math.max(a, b));
  if (to - from < 0.004) return null;
  const next = { fromMs: momentAt(from, window), toMs: momentAt(to, window) };
  return next.toMs - next.fromMs < 0.1 ? null : next;
}
