import type { Guardrail, GuardrailCheck, PutGuardrailRequest } from "@/api/types";

export const stages = ["both", "before", "after"] as const;
export const actions = ["flag", "mask", "block"] as const;
export const kinds = ["detectors", "deny_list", "regex"] as const;
export const detectors = ["api_key", "private_key", "jwt", "bearer_token", "email", "phone", "credit_card", "iban", "korean_rrn", "us_ssn", "ip_address"] as const;

export type Kind = (typeof kinds)[number];
export type Detector = (typeof detectors)[number];

export interface Draft {
  name: string;
  stage: (typeof stages)[number];
  action: (typeof actions)[number];
  kind: Kind;
  detectors: ReadonlySet<Detector>;
  /** One a line. */
  phrases: string;
  patterns: string;
  models: string;
  keys: readonly string[];
}

export const emptyDraft: Draft = { name: "", stage: "both", action: "flag", kind: "detectors", detectors: new Set(["api_key", "private_key"]), phrases: "", patterns: "", models: "", keys: [] };

export function draftOf(rail: Guardrail): Draft {
  const { check } = rail;
  return {
    ...emptyDraft,
    name: rail.name,
    stage: rail.stage,
    action: rail.action,
    kind: check.kind,
    detectors: check.kind === "detectors" ? new Set(check.detectors) : emptyDraft.detectors,
    phrases: check.kind === "deny_list" ? check.phrases.join("\n") : "",
    patterns: check.kind === "regex" ? check.patterns.join("\n") : "",
    models: rail.models.join("\n"),
    keys: rail.keys,
  };
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function checkOf(draft: Draft): GuardrailCheck {
  switch (draft.kind) {
    case "detectors":
      return { kind: "detectors", detectors: detectors.filter((one) => draft.detectors.has(one)) };
    case "deny_list":
      return { kind: "deny_list", phrases: lines(draft.phrases) };
    case "regex":
      // Spaces at the ends of a pattern mean something.
      return { kind: "regex", patterns: draft.patterns.split("\n").filter((line) => line.trim() !== "") };
  }
}

export function requestOf(draft: Draft, is_active: boolean): PutGuardrailRequest {
  return { name: draft.name.trim(), stage: draft.stage, action: draft.action, check: checkOf(draft), models: lines(draft.models), keys: [...draft.keys], is_active };
}
