import type { RunawayPolicy } from "@/api/types";

export type Rule = keyof RunawayPolicy;
export type Action = RunawayPolicy[Rule]["action"];

export const rules = ["repeated_call", "repeated_tool", "run_calls", "run_cost", "run_depth", "growth"] as const satisfies readonly Rule[];
export const actions = ["off", "flag", "slow", "stop"] as const satisfies readonly Action[];

/** A rule's bound as it stands in its field. A cap may be empty: then the rule is never met. */
export function bound(policy: RunawayPolicy, rule: Rule): { value: string; pattern: string; required: boolean } {
  if (rule === "run_cost") return { value: policy.run_cost.limit ?? "", pattern: "\\d+(\\.\\d+)?", required: false };
  if (rule === "run_calls" || rule === "run_depth") return { value: policy[rule].limit?.toString() ?? "", pattern: "[1-9]\\d*", required: false };
  const { times } = policy[rule];
  return { value: times === 0 ? "" : times.toString(), pattern: "[2-9]|[1-9]\\d{1,2}|1000", required: true };
}

/** The policy with one rule changed. What is no number leaves the field as it was. */
export function changed(policy: RunawayPolicy, rule: Rule, change: { bound?: string; action?: Action }): RunawayPolicy {
  const action = change.action ?? policy[rule].action;
  const text = change.bound?.trim();
  if (rule === "run_cost") {
    const limit = text === undefined ? policy.run_cost.limit : text === "" ? null : text;
    return { ...policy, run_cost: { action, limit: limit ?? null } };
  }
  const number = text === undefined ? undefined : text === "" ? 0 : Number(text);
  const whole = number === undefined || !Number.isInteger(number) || number < 0 ? undefined : number;
  if (rule === "run_calls" || rule === "run_depth") {
    const limit = whole === undefined ? policy[rule].limit : whole === 0 ? null : whole;
    return { ...policy, [rule]: { action, limit: limit ?? null } };
  }
  return { ...policy, [rule]: { action, times: whole ?? policy[rule].times } };
}
