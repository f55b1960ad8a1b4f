import type { Model, ModelRequest } from "@/api/types";

/** A model as its form holds it. */
export interface ModelDraft {
  model: string;
  operations: Model["operations"];
  maxAttempts: number;
  shared: boolean;
  targets: TargetDraft[];
}

export interface TargetDraft {
  providerId: string;
  upstreamModel: string;
  credentialId: string;
  priority: number;
  weight: number;
  timeouts: Model["targets"][number]["timeouts"] | null;
}

export function emptyTarget(providerId: string): TargetDraft {
  return { providerId, upstreamModel: "", credentialId: "", priority: 0, weight: 1, timeouts: null };
}

export function emptyDraft(providerId: string): ModelDraft {
  return { model: "", operations: ["chat"], maxAttempts: 3, shared: false, targets: [emptyTarget(providerId)] };
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
    })),
  };
}

/** What is sent: an empty upstream name means the model's own. */
export function requestOf(draft: ModelDraft): ModelRequest {
  return {
    model: draft.model.trim(),
    operations: draft.operations,
    max_attempts: draft.maxAttempts,
    shared: draft.shared,
    targets: draft.targets.map((target) => ({
      provider_id: target.providerId,
      upstream_model: target.upstreamModel.trim() === "" ? null : target.upstreamModel.trim(),
      credential_id: target.credentialId === "" ? null : target.credentialId,
      priority: target.priority,
      weight: target.weight,
      timeouts: target.timeouts,
    })),
  };
}
