import { expect, test } from "vitest";
import type { Figures, Overview } from "@/api/types";
import { cacheReadShare, change, compared, periodOf, prepareSeries, roundTicks } from "./series";

const point = (at: string, calls: number) => ({ at, calls, errors: 0, input_tokens: calls, output_tokens: 0, cost: "0.5", duration_p95_us: 2_000 });
const overview = (from: string, to: string, series: ReturnType<typeof point>[]) => ({ from, to, step_s: 60, series }) as unknown as Overview;

const LATER = Date.parse("2026-11-22T00:00:00Z");

test("every step has a point: no calls are zero calls, but no calls have no p95", () => {
  const now = overview("2026-11-21T10:00:00Z", "2026-11-21T10:03:00Z", [point("2026-11-21T10:01:00Z", 4)]);
  expect(prepareSeries(now, undefined, "calls", LATER).map((one) => one.value)).toEqual([0, 4, 0]);
  expect(prepareSeries(now, undefined, "p95", LATER).map((one) => one.value)).toEqual([null, 2, null]);
});

test("the period before lies under the same moments", () => {
  const now = overview("2026-11-21T10:00:00Z", "2026-11-21T10:02:00Z", [point("2026-11-21T10:01:00Z", 4)]);
  const before = overview("2026-11-21T09:58:00Z", "2026-11-21T10:00:00Z", [point("2026-11-21T09:59:00Z", 7)]);
  expect(prepareSeries(now, before, "calls", LATER)).toMatchObject([{ value: 0, before: 0 }, { value: 4, before: 7 }]);
});

test("a step that still runs is drawn apart, and not compared with a whole one", () => {
  const now = overview("2026-11-21T10:00:00Z", "2026-11-21T10:03:00Z", [point("2026-11-21T10:00:00Z", 8), point("2026-11-21T10:01:00Z", 4), point("2026-11-21T10:02:00Z", 1)]);
  const before = overview("2026-11-21T09:00:00Z", "2026-11-21T09:03:00Z", [point("2026-11-21T09:00:00Z", 3), point("2026-11-21T09:01:00Z", 3), point("2026-11-21T09:02:00Z", 9)]);
  const points = prepareSeries(now, before, "calls", Date.parse("2026-11-21T10:02:20Z"));
  expect(points.map((one) => one.value)).toEqual([8, 4, null]);
  expect(points.map((one) => one.running)).toEqual([null, 4, 1]);
  expect(compared(points)).toEqual({ now: 12, before: 6 });
});

test("moments on the axis are round", () => {
  const at = (hour: number, minute: number) => new Date(2026, 10, 21, hour, minute).getTime();
  expect(roundTicks(at(0, 0), at(6, 0))).toEqual([0, 1, 2, 3, 4, 5, 6].map((hour) => at(hour, 0)));
  expect(roundTicks(at(9, 7), at(10, 6))).toEqual([at(9, 10), at(9, 20), at(9, 30), at(9, 40), at(9, 50), at(10, 0)]);
  expect(roundTicks(at(9, 0), at(9, 0) + 7 * 86_400_000)).toHaveLength(7);
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

test("an hour is compared with the hour before", () => {
  const period = periodOf("hour", new Date("2026-11-21T10:00:00Z"));
  expect(period).toEqual({ from: "2026-11-21T09:00:00.000Z", to: "2026-11-21T10:00:00.000Z", before: { from: "2026-11-21T08:00:00.000Z", to: "2026-11-21T09:00:00.000Z" } });
});

test("today is compared with as much of yesterday", () => {
  const now = new Date(2026, 10, 21, 9, 30);
  const { from, to, before } = periodOf("today", now);
  const day = 86_400_000;
  expect([Date.parse(before.from), Date.parse(before.to)]).toEqual([Date.parse(from) - day, Date.parse(to) - day]);
});

test("today just after midnight still has some length", () => {
  const now = new Date(2026, 10, 21, 0, 1);
  const { from, to } = periodOf("today", now);
  expect(Date.parse(to) - Date.parse(from)).toBe(15 * 60_000);
});
