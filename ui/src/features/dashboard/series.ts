import type { Figures, Overview } from "@/api/types";

export const metrics = ["calls", "cost", "tokens", "p95", "errors"] as const;
export type Metric = (typeof metrics)[number];

export interface SeriesPoint {
  /** Unix milliseconds. */
  at: number;
  /** Null: nothing was measured then, and nothing is drawn; or the step is not over. */
  value: number | null;
  /** Of the step that is not over, and of the one it follows: the line between them says that more may come. */
  running: number | null;
  /** The same moment of the period before. */
  before: number | null;
}

type Point = Overview["series"][number];

function valueOf(point: Point | undefined, metric: Metric): number | null {
  switch (metric) {
    case "calls":
      return point?.calls ?? 0;
    case "errors":
      return point?.errors ?? 0;
    case "tokens":
      return point === undefined ? 0 : point.input_tokens + point.output_tokens;
    // A float is fine for the height of a line; sums shown as numbers stay decimal text.
    case "cost":
      return point === undefined ? 0 : Number(point.cost);
    case "p95":
      return point?.duration_p95_us === null || point?.duration_p95_us === undefined ? null : point.duration_p95_us / 1_000;
  }
}

/** One value for every bucket of the range. The platform sends only buckets with calls. `clock`: what time it is, in Unix milliseconds. */
export function prepareSeries(now: Overview, before: Overview | undefined, metric: Metric, clock: number): SeriesPoint[] {
  const width = now.step_s * 1_000;
  const byBucket = (overview: Overview | undefined) =>
    new Map(overview?.series.map((point) => [Math.floor(Date.parse(point.at) / width), point] as const) ?? []);
  const current = byBucket(now);
  const earlier = byBucket(before);
  const first = Math.floor(Date.parse(now.from) / width);
  const last = Math.floor((Date.parse(now.to) - 1) / width);
  const shift = before === undefined ? 0 : first - Math.floor(Date.parse(before.from) / width);
  const points: SeriesPoint[] = [];
  for (let bucket = first; bucket <= last; bucket += 1) {
    const value = valueOf(current.get(bucket), metric);
    const isOver = (bucket + 1) * width <= clock;
    const isLastOver = isOver && bucket < last && (bucket + 2) * width > clock;
    points.push({
      at: bucket * width,
      value: isOver ? value : null,
      running: isOver && !isLastOver ? null : value,
      before: before === undefined ? null : valueOf(earlier.get(bucket - shift), metric),
    });
  }
  return points;
}

/** What the steps that are over sum up to, now and in the period before. A step that still runs would be compared with a whole one. */
export function compared(points: readonly SeriesPoint[]): { now: number; before: number } {
  const over = points.filter((point) => point.value !== null);
  const sum = (of: (point: SeriesPoint) => number | null) => over.reduce((total, point) => total + (of(point) ?? 0), 0);
  return { now: sum((point) => point.value), before: sum((point) => point.before) };
}

const DAY_MS = 86_400_000;
const TICK_STEPS_MS = [5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * 60_000);
const MOST_TICKS = 9;

/** Round moments of the reader's clock between two, at most nine. */
export function roundTicks(from: number, to: number): number[] {
  const step = TICK_STEPS_MS.find((one) => (to - from) / one <= MOST_TICKS - 1) ?? DAY_MS;
  const day = new Date(from);
  const midnight = new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  const ticks: number[] = [];
  for (let at = midnight + Math.ceil((from - midnight) / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** Change against the period before as a share; null when there is nothing to compare with. */
export function change(now: number, before: number): number | null {
  return before === 0 ? null : (now - before) / before;
}

/** How much of the input was read from providers' prompt caches. `null`: nothing was. */
export function cacheReadShare({ usage, input_tokens }: Pick<Figures, "usage" | "input_tokens">): number | null {
  return usage.in_cache_read === 0 || input_tokens === 0 ? null : usage.in_cache_read / input_tokens;
}

export const ranges = ["hour", "today", "week"] as const;
export type Range = (typeof ranges)[number];

const HOUR_MS = 3_600_000;
/** How long before the period lies what it is compared with: whole steps of each, so that the steps of both lie over each other. */
const backMs: Record<Range, number> = { hour: HOUR_MS, today: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS };

export interface Period {
  from: string;
  to: string;
  /** As much of the hour, the day or the week before. */
  before: { from: string; to: string };
}

/** A range ending now. "Today" begins at midnight where the reader is. */
export function periodOf(range: Range, now: Date): Period {
  const to = now.getTime();
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const starts: Record<Range, number> = { hour: to - HOUR_MS, today: midnight, week: to - 7 * 24 * HOUR_MS };
  // Just after midnight a day of no length would have no line; an hour is the least.
  const from = Math.min(starts[range], to - HOUR_MS / 4);
  const iso = (ms: number) => new Date(ms).toISOString();
  const back = backMs[range];
  return { from: iso(from), to: iso(to), before: { from: iso(from - back), to: iso(to - back) } };
}
