import { describe, expect, it } from "vitest";
import type { RunawayPolicy } from "@/api/types";
import { bound, changed } from "./runaway-state";

const policy: RunawayPolicy = {
  repeated_call: { action: "flag", times: 10 },
  repeated_tool: { action: "flag", times: 6 },
  run_calls: { action: "flag", limit: 1000 },
  run_cost: { action: "flag", limit: "20" },
  run_depth: { action: "flag", limit: null },
  growth: { action: "flag", times: 10 },
};

describe("a policy of the runaway guard", () => {
  it("changes the action of one rule and nothing else", () => {
    expect(changed(policy, "run_cost", { action: "stop" })).toEqual({ ...policy, run_cost: { action: "stop", limit: "20" } });
  });

  it("takes a cap away when its field is emptied", () => {
    expect(changed(policy, "run_calls", { bound: "" }).run_calls).toEqual({ action: "flag", limit: null });
    expect(changed(policy, "run_cost", { bound: " " }).run_cost).toEqual({ action: "flag", limit: null });
  });

  it("keeps money as the text that was typed", () => {
    expect(changed(policy, "run_cost", { bound: "1.50" }).run_cost.limit).toBe("1.50");
  });

  it("leaves a number as it was when something else is typed", () => {
    expect(changed(policy, "growth", { bound: "many" }).growth.times).toBe(10);
    expect(changed(policy, "run_depth", { bound: "1.5" }).run_depth.limit).toBeNull();
  });

  it("shows a cap that is not there as an empty field", () => {
    expect(bound(policy, "run_depth")).toMatchObject({ value: "", required: false });
    expect(bound(policy, "repeated_tool")).toMatchObject({ value: "6", required: true });
  });
});
