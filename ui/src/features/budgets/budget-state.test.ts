import { expect, test } from "vitest";
import type { Budget } from "@/api/types";
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
