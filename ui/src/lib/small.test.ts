import { expect, test } from "vitest";
import { backoffMs } from "./backoff";
import { canAdminister, canWrite } from "./can";
import { matchHotkey } from "./hotkeys";
import { idTarget } from "./id-target";
import { parsePrefs } from "./prefs";
import { ApiError, toApiError } from "./problem";
import { safeNext } from "./safe-next";
import { tokenClasses } from "./tokens";
import { callsUrl } from "./urls";

test("after sign-in one only ever lands on a page of this app", () => {
  expect(safeNext("/calls?status=ok")).toBe("/calls?status=ok");
  for (const bad of [null, "", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) expect(safeNext(bad)).toBe("/");
});

test("a pasted id opens what it names", () => {
  expect(idTarget(" 0195F3C2-AAAA-7BBB-8CCC-DDDDEEEEFFFF ")).toBe("/calls/0195f3c2-aaaa-7bbb-8ccc-ddddeeeeffff");
  expect(idTarget("a".repeat(32))).toBe(`/traces/${"a".repeat(32)}`);
  expect(idTarget("calls")).toBeNull();
});

test("waits double, are bounded, and differ between tabs", () => {
  expect(backoffMs(0, () => 1)).toBe(500);
  expect(backoffMs(3, () => 1)).toBe(4_000);
  expect(backoffMs(50, () => 1)).toBe(15_000);
  expect(backoffMs(3, () => 0)).toBe(2_000);
});

test("owners and administrators administer, viewers do not write", () => {
  const owner = { role: "developer", teams: [{ id: "t", role: "owner" }] } as const;
  expect(canAdminister(owner, "t")).toBe(true);
  expect(canAdminister(owner, "other")).toBe(false);
  expect(canAdminister({ role: "admin", teams: [] }, null)).toBe(true);
  expect(canWrite({ role: "viewer", teams: [] })).toBe(false);
});

test("two keys in a row win over one", () => {
  const keys = { "g c": () => undefined, c: () => undefined };
  expect(matchHotkey(keys, "c", "g")).toBe("g c");
  expect(matchHotkey(keys, "c", null)).toBe("c");
  expect(matchHotkey(keys, "x", "g")).toBeNull();
});

test("stored choices that do not fit are ignored one by one", () => {
  const base = parsePrefs(null, { theme: "system", locale: "en", teamId: null, sidebarCollapsed: false, panelWidth: 640, dense: true, onboardingDismissed: false });
  expect(parsePrefs("{broken", base)).toEqual(base);
  expect(parsePrefs('{"theme":"pink","locale":"ko","panelWidth":3}', base)).toEqual({ ...base, locale: "ko" });
});

test("a problem keeps its code and sentence, anything else its status", () => {
  const problem = toApiError(404, { code: "not_found", detail: "There is no such call.", title: "Not found" }, "req-1");
  expect(problem).toBeInstanceOf(ApiError);
  expect([problem.code, problem.detail, problem.requestId]).toEqual(["not_found", "There is no such call.", "req-1"]);
  expect(toApiError(502, "<html>", null)).toMatchObject({ status: 502, code: "http_502", detail: "" });
});

test("only token classes that were used are shown", () => {
  const usage = { in_uncached: 10, in_cache_read: 0, in_cache_write_5m: 0, in_cache_write_1h: 0, in_audio: 0, in_image: 0, out_text: 3, out_reasoning: 2, out_audio: 0 };
  expect(tokenClasses(usage)).toEqual([["in_uncached", 10], ["out_text", 3], ["out_reasoning", 2]]);
});

test("a figure's link carries only the filters it has", () => {
  expect(callsUrl({})).toBe("/calls");
  expect(callsUrl({ agent: "A & B", model: "" })).toBe("/calls?agent=A+%26+B");
});
