import { expect, test } from "vitest";
import type { Budget } from "@/api/types";
import { bodyOf, countsAnew, draftOf, emptyDraft } from "./budget-draft";
import { figure, shareUsed, windowsOf } from "./budget-state";

const budget = (amount: string, used: string) => ({ amount, current: { used, held: "0", counted: 1 } }) as Budget;

test("a run is counted by the run, calls at once at any moment, all else by the calendar", () => {
  expect(windowsOf("spend", "run")).toEqual(["run"]);
  expect(windowsOf("concurrency", "key")).toEqual(["now"]);
  expect(windowsOf("tokens", "team")).toContain("month");
});

test("the bar ends where the limit does", () => {
  expect(shareUsed(budget("10", "2.5"))).toBe(0.25);
  expect(shareUsed(budget("10", "11"))).toBe(1);
  expect(shareUsed(budget("0", "0"))).toBe(1);
});

test("money keeps its digits, counts are grouped", () => {
  expect(figure("spend", "0.000504")).toBe("$0.000504");
  expect(figure("tokens", "1234567")).toBe("1,234,567");
});

test("a limit read into the form and sent back unchanged is the same limit", () => {
  const limit = { name: "Cap", scope: "key", subject: "ci-*", kind: "spend", window: "day", amount: "2.50", shadow: true } as Budget;
  expect(bodyOf(draftOf(limit))).toEqual({ name: "Cap", scope: "key", subject: "ci-*", kind: "spend", window: "day", amount: "2.50", shadow: true });
  expect(countsAnew(limit, draftOf(limit))).toBe(false);
});

test("another window or subject counts anew, another amount or name does not", () => {
  const limit = { ...emptyDraft, name: "Cap", amount: "5" } as unknown as Budget;
  const draft = draftOf(limit);
  expect(countsAnew(limit, { ...draft, name: "Other", amount: "9" })).toBe(false);
  expect(countsAnew(limit, { ...draft, window: "day" })).toBe(true);
  expect(countsAnew(limit, { ...draft, scope: "key", subject: "k" })).toBe(true);
});

test("the subject of a team's limit is never sent, and a run is counted by the run", () => {
  expect(bodyOf({ ...emptyDraft, subject: "left over" })).not.toHaveProperty("subject");
  expect(bodyOf({ ...emptyDraft, scope: "run" }).window).toBe("run");
});
