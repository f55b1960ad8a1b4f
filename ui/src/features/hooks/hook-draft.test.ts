import { expect, test } from "vitest";
import type { Hook, HookAct } from "@/api/types";
import { draftOf, emptyDraft, knowsEnd, requestOf, withAct } from "./hook-draft";

const given: HookAct[] = [
  { kind: "tag", tags: ["blue", "red"] },
  { kind: "mask", check: { kind: "detectors", detectors: ["email"] } },
  { kind: "mask", check: { kind: "regex", patterns: ["ACME-\\d{4} "] } },
  { kind: "webhook", url: "https://example.com/hook", content: true },
];

test("a hook comes out of the form as it went in", () => {
  for (const act of given) {
    const ends = act.kind !== "mask" ? { statuses: ["timeout" as const], errors: ["upstream_*"] } : { statuses: [], errors: [] };
    const filter = { models: ["gpt-4*"], agents: ["writer"], keys: ["k"], tags: ["x"], ...ends };
    const hook: Hook = { id: "1", name: "n", point: "after", filter, act, is_active: true, dropped: 0, created_at: "", updated_at: "" };
    expect(requestOf(draftOf(hook), true)).toEqual({ name: "n", point: "after", filter, act, is_active: true });
  }
});

test("a rejection stands before the call, and how it ended is nobody's there", () => {
  const draft = withAct({ ...emptyDraft, statuses: new Set(["timeout"]), message: " No. " }, "reject");
  expect(draft.point).toBe("before");
  expect(knowsEnd(draft)).toBe(false);
  expect(requestOf(draft, true)).toMatchObject({ filter: { statuses: [] }, act: { kind: "reject", message: "No." } });
});
