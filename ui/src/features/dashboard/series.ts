import type { Figures, Overview } from "@/api/types";

export const metrics = ["calls", "cost", "tokens", "p95", "errors"] as const;
export type Metric = (typeof metrics)[number];

export interface SeriesPoint {
  /** Unix milliseconds. */
  at: number;
  /** Null: nothing was measured then, and nothing is drawn. */
  value: number | null;
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

/** One value for every bucket of the range. The platform sends only buckets with calls. */
export function prepareSeries(now: Overview, before: Overview | undefined, metric: Metric): SeriesPoint[] {
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
    points.push({
      at: bucket * width,
      value: valueOf(current.get(bucket), metric),
      before: before === undefined ? null : valueOf(earlier.get(bucket - shift), metric),
    });
  }
  return points;
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

export interface Period {
  from: string;
  to: string;
  /** The same length of time right before. */
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
  return { from: iso(from), to: iso(to), before: { from: iso(from - (to - from)), to: iso(from) } };
}
