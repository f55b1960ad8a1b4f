import { expect, test } from "vitest";
import type { Guardrail, GuardrailCheck } from "@/api/types";
import { draftOf, requestOf } from "./guardrail-draft";

const checks: GuardrailCheck[] = [
  { kind: "detectors", detectors: ["email", "us_ssn"] },
  { kind: "deny_list", phrases: ["project x", "기밀"] },
  { kind: "regex", patterns: ["ACME-\\d{4} ", "x+"] },
];

test("a guardrail comes out of the form as it went in", () => {
  for (const check of checks) {
    const rail: Guardrail = { id: "1", name: "n", stage: "after", action: "mask", check, keys: ["k"], models: ["gpt-4*"], is_active: false, created_at: "", updated_at: "" };
    expect(requestOf(draftOf(rail), rail.is_active)).toEqual({ name: "n", stage: "after", action: "mask", check, keys: ["k"], models: ["gpt-4*"], is_active: false });
  }
});
