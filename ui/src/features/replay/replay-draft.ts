import type { ReplayPlan, ReplayRequest } from "@/api/types";

export const replayScopes = ["call", "conversation", "run"] as const;
export type ReplayScope = (typeof replayScopes)[number];

export const toolRules = ["stop", "use_recorded"] as const;
export type ToolRule = (typeof toolRules)[number];

/** What is typed. A text that is null is as it was recorded. */
export interface ReplayDraft {
  scope: ReplayScope;
  /** Empty: the model that the call asked for. */
  model: string;
  keyId: string;
  system: string | null;
  message: string | null;
  temperature: string;
  tools: ToolRule;
  maxCost: string;
}

export function draftOf(scope: ReplayScope): ReplayDraft {
  return { scope, model: "", keyId: "", system: null, message: null, temperature: "", tools: "stop", maxCost: "" };
}

/** What decides which calls are sent and what they cost; texts do not. */
export function planWish(callId: string, draft: ReplayDraft): ReplayRequest {
  return { call_id: callId, scope: draft.scope, ...(draft.model === "" ? {} : { model: draft.model }) };
}

/** Only what differs from the record is sent as an edit. */
export function replayWish(callId: string, draft: ReplayDraft, plan: ReplayPlan): ReplayRequest {
  const temperature = Number(draft.temperature);
  return {
    ...planWish(callId, draft),
    ...(draft.keyId === "" ? {} : { key_id: draft.keyId }),
    ...(draft.system === null || draft.system === plan.system ? {} : { system: draft.system }),
    ...(draft.message === null || draft.message === plan.message ? {} : { message: draft.message }),
    ...(draft.temperature.trim() === "" || temperature === plan.temperature ? {} : { temperature }),
    ...(draft.maxCost.trim() === "" ? {} : { max_cost: draft.maxCost.trim() }),
    other_arguments: draft.tools,
  };
}

/** Reasons why calls are left out, each once, with how many. */
export function leftOutReasons(plan: ReplayPlan): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const one of plan.left_out) counts.set(one.reason, (counts.get(one.reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}
