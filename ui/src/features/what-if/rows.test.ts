import { expect, test } from "vitest";
import type { WhatIf, WhatIfModel } from "@/api/types";
import { against, sorted } from "./rows";

function model(name: string, cost: string | null): WhatIfModel {
  return { provider: "acme", model: name, cost, costs: cost === null ? null : { input: cost, cache: "0", output: "0" }, has_price: cost !== null, assumed_calls: 0, was_used: false };
}

function found(models: WhatIfModel[], unknown = 0): WhatIf {
  const usage = { in_uncached: 1, in_cache_read: 0, in_cache_write_5m: 0, in_cache_write_1h: 0, in_audio: 0, in_image: 0, out_text: 1, out_reasoning: 0, out_audio: 0 };
  return { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", calls: 2, left_out_calls: 0, estimated_calls: 0, usage, recorded_cost: "1.5", unknown_cost_calls: unknown, models };
}

test("models stand in the order wanted, those without a price last either way", () => {
  const all = found([model("none", null), model("b", "10"), model("a", "9")]);
  const names = (descending: boolean) => sorted(all, "cost", descending).map((one) => one.model);
  expect(names(false)).toEqual(["a", "b", "none"]);
  expect(names(true)).toEqual(["b", "a", "none"]);
  expect(sorted(all, "model", false).map((one) => one.model)).toEqual(["a", "b", "none"]);
});

test("a difference is told only where both sides are known whole", () => {
  expect(against(found([]), model("a", "1"))).toBe("-0.5");
  expect(against(found([]), model("a", null))).toBe(null);
  expect(against(found([], 1), model("a", "1"))).toBe(null);
});
