import { expect, test } from "vitest";
import type { CallSummary } from "@/api/types";
import { readFilter, withFilter } from "./call-filter";
import { mergeHead } from "./call-rows";
import { barShare } from "./time-bar";
import { isCallRecord } from "./use-calls";

const call = (n: number, status: CallSummary["status"] = "ok") =>
  ({ call_id: `c${String(n).padStart(4, "0")}`, started_at: new Date(Date.UTC(2026, 10, 21) + n * 1_000).toISOString(), status }) as CallSummary;
const ids = (rows: readonly CallSummary[]) => rows.map((row) => Number(row.call_id.slice(1)));

test("new calls go on top, in order, and are counted once", () => {
  const merge = mergeHead([call(3), call(2), call(1)], [call(5), call(4), call(3)], false);
  expect(ids(merge.rows)).toEqual([5, 4, 3, 2, 1]);
  expect(merge).toMatchObject({ fresh: 2, gap: false });
});

test("a call that started earlier but ended later takes its place in time", () => {
  expect(ids(mergeHead([call(5), call(3)], [call(5), call(4)], false).rows)).toEqual([5, 4, 3]);
});

test("a call seen again keeps its newer form", () => {
  expect(mergeHead([call(1, "internal")], [call(1, "ok")], false).rows[0]?.status).toBe("ok");
});

test("when the newest page does not reach the list, the list begins anew instead of hiding a hole", () => {
  const merge = mergeHead([call(2), call(1)], [call(90), call(89)], true);
  expect(merge.gap).toBe(true);
  expect(ids(merge.rows)).toEqual([90, 89]);
});

test("the URL's filter is read, and what the platform would refuse is left out", () => {
  expect(readFilter(new URLSearchParams("status=timeout&agent=A&full=1&model="))).toEqual({ status: "timeout", agent: "A" });
  expect(readFilter(new URLSearchParams("status=nonsense"))).toEqual({});
  expect(withFilter(new URLSearchParams("agent=A"), "agent", "").toString()).toBe("");
});

test("the bar is longer for a longer call and never overflows", () => {
  expect(barShare(80)).toBeLessThan(barShare(800));
  expect(barShare(10_000_000)).toBe(1);
  expect(barShare(0)).toBe(0);
});

test("only records of calls move the list", () => {
  expect(isCallRecord({ type: "call", call_id: "x" })).toBe(true);
  expect(isCallRecord({ type: "span" })).toBe(false);
  expect(isCallRecord("call")).toBe(false);
});
