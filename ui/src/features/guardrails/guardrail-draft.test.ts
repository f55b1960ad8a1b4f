import { expect, test } from "vitest";
import type { Guardrail, GuardrailCheck } from "@/api/types";
import { draftOf, emptyDraft, requestOf, withKind } from "./guardrail-draft";

const checks: GuardrailCheck[] = [
  { kind: "detectors", detectors: ["email", "us_ssn"] },
  { kind: "deny_list", phrases: ["project x", "기밀"] },
  { kind: "regex", patterns: ["ACME-\\d{4} ", "x+"] },
  { kind: "json_schema" },
  { kind: "json_schema", schema: { type: "object" } as unknown as Record<string, never> },
  { kind: "http", url: "https://example.com/judge", timeout_ms: 500, on_failure: "allow", header: { name: "authorization" } },
  { kind: "http", url: "https://example.com/judge", timeout_ms: 2000, on_failure: "refuse" },
];

test("a guardrail comes out of the form as it went in", () => {
  for (const check of checks) {
    const rail: Guardrail = { id: "1", name: "n", stage: "after", action: "mask", check, keys: ["k"], models: ["gpt-4*"], is_active: false, created_at: "", updated_at: "" };
    expect(requestOf(draftOf(rail), rail.is_active)).toEqual({ name: "n", stage: "after", action: "mask", check, keys: ["k"], models: ["gpt-4*"], is_active: false });
  }
});

test("a schema neither replaces nor looks at requests alone", () => {
  const draft = withKind({ ...emptyDraft, action: "mask", stage: "before" }, "json_schema");
  expect([draft.action, draft.stage]).toEqual(["flag", "after"]);
  expect(withKind({ ...draft, action: "block" }, "http").action).toBe("block");
});

test("a header's new value is sent, and none is left as it was", () => {
  const draft = { ...emptyDraft, kind: "http" as const, url: "https://example.com", headerName: "x-key" };
  expect(requestOf(draft, true).check).toMatchObject({ header: { name: "x-key" } });
  expect(requestOf({ ...draft, headerValue: "s" }, true).check).toMatchObject({ header: { name: "x-key", value: "s" } });
});
