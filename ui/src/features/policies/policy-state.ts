import type { ContentPolicy } from "@/api/types";

export const recordingLevels = ["full", "redacted", "metadata"] as const;

/** Seconds that are offered for how long an answer is kept. */
const offered = [300, 3_600, 86_400, 604_800];

export interface PolicyDraft {
  /** Empty: says nothing. */
  recording: string;
  /** Seconds; empty: says nothing; 0: never. */
  ttl: string;
  scope: "team" | "key";
}

export function draftOf(policy: ContentPolicy): PolicyDraft {
  return {
    recording: policy.recording ?? "",
    ttl: policy.cache == null ? "" : String(policy.cache.ttl_s),
    scope: policy.cache?.scope ?? "team",
  };
}

export function policyOf(draft: PolicyDraft): ContentPolicy {
  const recording = recordingLevels.find((one) => one === draft.recording);
  return {
    ...(recording === undefined ? {} : { recording }),
    ...(draft.ttl === "" ? {} : { cache: { ttl_s: Number(draft.ttl), scope: draft.scope } }),
  };
}

/** What to choose from: what is offered, and what somebody set over the API. */
export function ttlsWith(ttl: string): number[] {
  const set = Number(ttl);
  return set > 0 && !offered.includes(set) ? [...offered, set].sort((a, b) => a - b) : offered;
}
