import type { Model, ModelRequest } from "@/api/types";

/** A model as its form holds it. */
export interface ModelDraft {
  model: string;
  operations: Model["operations"];
  maxAttempts: number;
  shared: boolean;
  targets: TargetDraft[];
  strategy: Model["strategy"];
  sticky: boolean;
  /** One per line or comma. */
  aliases: string;
  fallbacks: FallbackDraft[];
  hedgeAfterMs: number | null;
  continuations: number;
  unsupported: Model["unsupported"];
  onAbort: AbortDraft;
}

/** What becomes of an answer whose client went away. Bounds are for `drain_to_cap`. */
export interface AbortDraft {
  action: Model["on_abort"]["action"];
  maxBytes: number | null;
  maxMs: number | null;
}

export type FallbackDraft = Model["fallbacks"][number];

export interface TargetDraft {
  providerId: string;
  upstreamModel: string;
  credentialId: string;
  priority: number;
  weight: number;
  timeouts: Model["targets"][number]["timeouts"] | null;
  breaker: Model["targets"][number]["breaker"];
  continues: Model["targets"][number]["continues"];
}

export const abortActions: readonly AbortDraft["action"][] = ["cancel", "drain", "drain_to_cap"];
export const strategies: readonly Model["strategy"][] = ["priority", "weighted", "least_busy", "lowest_latency", "lowest_cost"];
export const unsupportedWishes: readonly Model["unsupported"][] = ["refuse", "caller_decides", "drop"];
export const continuesWays: readonly TargetDraft["continues"][] = ["auto", "never", "last_message", "prefix", "final_message"];
export const errorClasses: readonly FallbackDraft["on"][] = ["any", "context_too_long", "content_filter", "rate_limited", "timeout"];

/** What the gateway takes when nothing is said. */
export const usualBreaker: TargetDraft["breaker"] = { failures: 5, failure_percent: 25, window_ms: 30_000, cooldown_ms: 15_000 };

export function emptyTarget(providerId: string): TargetDraft {
  return { providerId, upstreamModel: "", credentialId: "", priority: 0, weight: 1, timeouts: null, breaker: usualBreaker, continues: "auto" };
}

export function emptyDraft(providerId: string): ModelDraft {
  return {
    model: "",
    operations: ["chat"],
    maxAttempts: 3,
    shared: false,
    targets: [emptyTarget(providerId)],
    strategy: "weighted",
    sticky: false,
    aliases: "",
    fallbacks: [],
    hedgeAfterMs: null,
    continuations: 0,
    unsupported: "caller_decides",
    onAbort: { action: "cancel", maxBytes: null, maxMs: null },
  };
}

export function draftOf(model: Model): ModelDraft {
  return {
    model: model.model,
    operations: model.operations,
    maxAttempts: model.max_attempts,
    shared: model.shared,
    targets: model.targets.map((target) => ({
      providerId: target.provider_id,
      upstreamModel: target.upstream_model === model.model ? "" : target.upstream_model,
      credentialId: target.credential_id ?? "",
      priority: target.priority,
      weight: target.weight,
      timeouts: target.timeouts,
      breaker: target.breaker,
      continues: target.continues,
    })),
    strategy: model.strategy,
    sticky: model.sticky,
    aliases: model.aliases.join("\n"),
    fallbacks: model.fallbacks,
    hedgeAfterMs: model.hedge_after_ms ?? null,
    continuations: model.continuations,
    unsupported: model.unsupported,
    onAbort: { action: model.on_abort.action, maxBytes: model.on_abort.max_bytes ?? null, maxMs: model.on_abort.max_ms ?? null },
  };
}

/** What is sent: an empty upstream name means the model's own. */
export function requestOf(draft: ModelDraft): ModelRequest {
  return {
    model: draft.model.trim(),
    operations: draft.operations,
    max_attempts: draft.maxAttempts,
    shared: draft.shared,
    strategy: draft.strategy,
    sticky: draft.sticky,
    aliases: namesOf(draft.aliases),
    fallbacks: draft.fallbacks.map(({ on, model }) => ({ on, model: model.trim() })),
    hedge_after_ms: draft.hedgeAfterMs,
    continuations: draft.continuations,
    unsupported: draft.unsupported,
    on_abort: abortOf(draft.onAbort),
    targets: draft.targets.map((target) => ({
      provider_id: target.providerId,
      upstream_model: target.upstreamModel.trim() === "" ? null : target.upstreamModel.trim(),
      credential_id: target.credentialId === "" ? null : target.credentialId,
      priority: target.priority,
      weight: target.weight,
      timeouts: target.timeouts,
      breaker: target.breaker,
      continues: target.continues,
    })),
  };
}

/** Bounds that were typed for another action are not sent. */
function abortOf({ action, maxBytes, maxMs }: AbortDraft): ModelRequest["on_abort"] {
  return action === "drain_to_cap" ? { action, max_bytes: maxBytes, max_ms: maxMs } : { action };
}

function namesOf(text: string): string[] {
  const names = text.split(/[\n,]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}
