import { expect, test } from "vitest";
import { draftOf, requestOf } from "../models/model-draft";
import { snippet } from "../start/snippets";
import { expiryOf, keyState, parseModels } from "./key-state";

const now = new Date("2026-11-21T00:00:00Z");

test("a revoked key is revoked even before it expires", () => {
  expect(keyState({ is_active: false, expires_at: "2027-01-01T00:00:00Z" }, now)).toBe("revoked");
  expect(keyState({ is_active: true, expires_at: "2026-11-20T00:00:00Z" }, now)).toBe("expired");
  expect(keyState({ is_active: true, expires_at: null }, now)).toBe("active");
});

test("models are read one per line or comma, once each", () => {
  expect(parseModels(" gpt-4*\n\nsim-fast, gpt-4* ")).toEqual(["gpt-4*", "sim-fast"]);
});

test("a chosen day lasts to its end", () => {
  expect(expiryOf("")).toBeNull();
  expect(expiryOf("nonsense")).toBeNull();
  expect(new Date(expiryOf("2026-11-21") ?? 0).getHours()).toBe(23);
});

test("a model's form sends back what it was given", () => {
  const timeouts = { connect_ms: 1, first_byte_ms: 2, idle_ms: 3, total_ms: 4 };
  const breaker = { failures: 3, failure_percent: 50, window_ms: 5_000, cooldown_ms: 6_000 };
  const routing = {
    strategy: "least_busy" as const, sticky: true, aliases: ["gpt-4*", "smart"], hedge_after_ms: 700, continuations: 2, unsupported: "drop" as const,
    fallbacks: [{ on: "timeout" as const, model: "b" }, { on: "any" as const, model: "c" }],
  };
  const model = {
    id: "m", shared: false, model: "gpt-4o", operations: ["chat" as const], on_abort: { action: "cancel" as const }, max_attempts: 2, created_at: "", updated_at: "", ...routing,
    targets: [{ deployment_id: "d", provider_id: "p", provider_name: "P", upstream_model: "gpt-4o", credential_id: null, priority: 0, weight: 1, timeouts, breaker, continues: "prefix" as const }],
  };
  expect(requestOf(draftOf(model))).toEqual({
    model: "gpt-4o", operations: ["chat"], on_abort: { action: "cancel" }, max_attempts: 2, shared: false, ...routing,
    targets: [{ provider_id: "p", upstream_model: null, credential_id: null, priority: 0, weight: 1, timeouts, breaker, continues: "prefix" as const }],
  });
  expect(requestOf({ ...draftOf(model), aliases: " a*, b\n\na*" }).aliases).toEqual(["a*", "b"]);
});

test("every snippet carries the address, the key and the model", () => {
  const facts = { baseUrl: "http://127.0.0.1:8080/v1", apiKey: "aop-secret", model: "sim-fast" };
  for (const language of ["python", "node", "curl"] as const) {
    for (const fact of Object.values(facts)) expect(snippet(language, facts)).toContain(fact);
  }
});
