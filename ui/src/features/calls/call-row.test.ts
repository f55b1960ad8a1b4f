import { expect, test } from "vitest";
import type { FlyingCall } from "@/api/in-flight";
import type { CallSummary } from "@/api/types";
import { fliesHere, joinRows, rowId } from "./call-row";

const flying = (id: string, more: object = {}) => ({ call: { call_id: id, agent: "A", requested_model: "m", ...more }, heardAtMs: 0, ended: null }) as FlyingCall;
const stored = (id: string) => ({ call_id: id }) as CallSummary;

test("what is in flight stands on top, and is shown once when its record is there", () => {
  const rows = joinRows([flying("3"), flying("2")], [stored("2"), stored("1")]);
  expect(rows.map((row) => [row.kind, rowId(row)])).toEqual([["flying", "3"], ["stored", "2"], ["stored", "1"]]);
});

test("a filter holds for calls in flight too", () => {
  expect(fliesHere(flying("1"), { agent: "A", model: "m" })).toBe(true);
  expect(fliesHere(flying("1"), { agent: "B" })).toBe(false);
  expect(fliesHere(flying("1"), { crew: "C" })).toBe(false);
  expect(fliesHere(flying("1", { token_subject: "ada" }), { token_subject: "ada" })).toBe(true);
  expect(fliesHere(flying("1"), { token_subject: "ada" })).toBe(false);
});

test("a list of one status, or of a time that is over, has no calls in flight", () => {
  expect(fliesHere(flying("1"), { status: "ok" })).toBe(false);
  expect(fliesHere(flying("1"), { to: "2026-11-21T00:00:00Z" })).toBe(false);
  expect(fliesHere(flying("1"), { from: "2026-11-21T00:00:00Z" })).toBe(true);
});
