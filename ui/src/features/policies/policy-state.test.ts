import { expect, test } from "vitest";
import { draftOf, policyOf, ttlsWith } from "./policy-state";

test("what a policy does not say stays unsaid on its way through the form", () => {
  for (const policy of [{}, { recording: "redacted" as const }, { cache: { ttl_s: 0, scope: "team" as const } }, { recording: "metadata" as const, cache: { ttl_s: 60, scope: "key" as const } }]) {
    expect(policyOf(draftOf(policy))).toEqual(policy);
  }
});

test("a time that was set elsewhere can stay", () => {
  expect(ttlsWith("3600")).toEqual([300, 3_600, 86_400, 604_800]);
  expect(ttlsWith("60")[0]).toBe(60);
  expect(ttlsWith("")).not.toContain(0);
});
