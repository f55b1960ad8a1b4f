import { expect, test } from "vitest";
import type { Figures, Overview } from "@/api/types";
import { cacheReadShare, change, periodOf, prepareSeries } from "./series";

const point = (at: string, calls: number) => ({ at, calls, errors: 0, input_tokens: calls, output_tokens: 0, cost: "0.5", duration_p95_us: 2_000 });
const overview = (from: string, to: string, series: ReturnType<typeof point>[]) => ({ from, to, step_s: 60, series }) as unknown as Overview;

test("every step has a point: no calls are zero calls, but no calls have no p95", () => {
  const now = overview("2026-11-21T10:00:00Z", "2026-11-21T10:03:00Z", [point("2026-11-21T10:01:00Z", 4)]);
  expect(prepareSeries(now, undefined, "calls").map((one) => one.value)).toEqual([0, 4, 0]);
  expect(prepareSeries(now, undefined, "p95").map((one) => one.value)).toEqual([null, 2, null]);
});

test("the period before lies under the same moments", () => {
  const now = overview("2026-11-21T10:00:00Z", "2026-11-21T10:02:00Z", [point("2026-11-21T10:01:00Z", 4)]);
  const before = overview("2026-11-21T09:58:00Z", "2026-11-21T10:00:00Z", [point("2026-11-21T09:59:00Z", 7)]);
  expect(prepareSeries(now, before, "calls")).toMatchObject([{ value: 0, before: 0 }, { value: 4, before: 7 }]);
});

test("a change against nothing is no percentage", () => {
  expect(change(5, 0)).toBeNull();
  expect(change(12, 10)).toBeCloseTo(0.2);
});

test("what was read from prompt caches is told as its share of the input, and not told where nothing was", () => {
  const figures = (in_cache_read: number, input_tokens: number) => ({ input_tokens, usage: { in_cache_read } }) as unknown as Figures;
  expect(cacheReadShare(figures(300, 400))).toBe(0.75);
  expect(cacheReadShare(figures(0, 400))).toBeNull();
  expect(cacheReadShare(figures(0, 0))).toBeNull();
});

test("a period is followed back by one of the same length", () => {
  const period = periodOf("hour", new Date("2026-11-21T10:00:00Z"));
  expect(period).toEqual({ from: "2026-11-21T09:00:00.000Z", to: "2026-11-21T10:00:00.000Z", before: { from: "2026-11-21T08:00:00.000Z", to: "2026-11-21T09:00:00.000Z" } });
});

test("today just after midnight still has some length", () => {
  const now = new Date(2026, 10, 21, 0, 1);
  const { from, to } = periodOf("today", now);
  expect(Date.parse(to) - Date.parse(from)).toBe(15 * 60_000);
});
