import { expect, test } from "vitest";
import { difference } from "@/lib/decimal";
import { fieldOf, namesOf } from "./repricing";

test("a difference is exact and knows its sign", () => {
  expect(difference("0.003000000002", "516")).toBe("515.996999999998");
  expect(difference("2.5", "1")).toBe("-1.5");
  expect(difference("0", "0")).toBe("0");
});

test("names are read between commas, and empty ones are none", () => {
  expect(namesOf(" gpt-4o, ,gpt-4o-mini,")).toEqual(["gpt-4o", "gpt-4o-mini"]);
  expect(namesOf(" ")).toEqual([]);
});

test("a time is shown in the clock of the reader", () => {
  expect(fieldOf(new Date(2026, 2, 4, 5, 6))).toBe("2026-03-04T05:06");
});
