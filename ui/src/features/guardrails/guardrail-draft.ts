import type { Guardrail, GuardrailCheck, PutGuardrailRequest } from "@/api/types";

export const stages = ["both", "before", "after"] as const;
export const actions = ["flag", "mask", "block"] as const;
export const kinds = ["detectors", "deny_list", "regex", "json_schema", "http"] as const;
export const failures = ["refuse", "allow"] as const;
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
  /** JSON; empty: what the request declares. */
  schema: string;
  url: string;
  timeoutMs: string;
  onFailure: (typeof failures)[number];
  headerName: string;
  /** Empty: as it was. */
  headerValue: string;
  models: string;
  keys: readonly string[];
}

export const emptyDraft: Draft = { name: "", stage: "both", action: "flag", kind: "detectors", detectors: new Set(["api_key", "private_key"]), phrases: "", patterns: "", schema: "", url: "", timeoutMs: "2000", onFailure: "refuse", headerName: "", headerValue: "", models: "", keys: [] };

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
    schema: check.kind === "json_schema" && check.schema !== undefined && check.schema !== null ? JSON.stringify(check.schema, null, 2) : "",
    ...(check.kind === "http" ? { url: check.url, timeoutMs: String(check.timeout_ms ?? 2000), onFailure: check.on_failure ?? "refuse", headerName: check.header?.name ?? "" } : {}),
    models: rail.models.join("\n"),
    keys: rail.keys,
  };
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Whether a schema that was typed can be sent at all. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What can happen to what such a check finds. */
export function actionsOf(kind: Kind): readonly Draft["action"][] {
  return kind === "json_schema" ? ["flag", "block"] : actions;
}

/** What such a check can look at. */
export function stagesOf(kind: Kind): readonly Draft["stage"][] {
  return kind === "json_schema" ? ["after", "both"] : stages;
}

/** The draft with another kind of check, and nothing that it cannot do. */
export function withKind(draft: Draft, kind: Kind): Draft {
  const action = actionsOf(kind).includes(draft.action) ? draft.action : "flag";
  const stage = stagesOf(kind).includes(draft.stage) ? draft.stage : "after";
  return { ...draft, kind, action, stage };
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
    case "json_schema":
      return draft.schema.trim() === "" ? { kind: "json_schema" } : { kind: "json_schema", schema: JSON.parse(draft.schema) as Record<string, never> };
    case "http": {
      const name = draft.headerName.trim();
      const value = draft.headerValue === "" ? {} : { value: draft.headerValue };
      return { kind: "http", url: draft.url.trim(), timeout_ms: Number(draft.timeoutMs), on_failure: draft.onFailure, ...(name === "" ? {} : { header: { name, ...value } }) };
    }
  }
}

export function requestOf(draft: Draft, is_active: boolean): PutGuardrailRequest {
  return { name: draft.name.trim(), stage: draft.stage, action: draft.action, check: checkOf(draft), models: lines(draft.models), keys: [...draft.keys], is_active };
}
