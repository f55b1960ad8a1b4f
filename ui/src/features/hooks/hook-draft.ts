import type { CallStatus, GuardrailCheck, Hook, HookAct, PutHookRequest } from "@/api/types";
import { detectors, type Detector } from "@/features/guardrails/guardrail-draft";

export const points = ["before", "after", "around"] as const;
export const acts = ["webhook", "tag", "mask", "reject"] as const;
export const maskKinds = ["detectors", "deny_list", "regex"] as const;
export const statuses = ["ok", "client_error", "rate_limited", "budget", "blocked", "upstream_error", "timeout", "cancelled", "internal"] as const satisfies readonly CallStatus[];

export type Point = (typeof points)[number];
export type ActKind = (typeof acts)[number];

export interface Draft {
  name: string;
  point: Point;
  act: ActKind;
  /** Comma-separated. */
  tags: string;
  maskKind: (typeof maskKinds)[number];
  detectors: ReadonlySet<Detector>;
  /** Phrases or patterns, one a line. */
  lines: string;
  message: string;
  url: string;
  content: boolean;
  /** One a line. */
  models: string;
  agents: string;
  onlyTags: string;
  errors: string;
  statuses: ReadonlySet<CallStatus>;
  keys: readonly string[];
}

export const emptyDraft: Draft = {
  name: "", point: "after", act: "webhook", tags: "", maskKind: "detectors", detectors: new Set(["email"]), lines: "", message: "", url: "", content: false,
  models: "", agents: "", onlyTags: "", errors: "", statuses: new Set(), keys: [],
};

/** Where such a hook can stand. */
export function pointsOf(act: ActKind): readonly Point[] {
  return act === "reject" ? ["before"] : points;
}

/** How a call ended is known to hooks that stand after it, and tag or tell. */
export function knowsEnd(draft: Draft): boolean {
  return draft.point === "after" && (draft.act === "tag" || draft.act === "webhook");
}

/** The draft with another act, and nothing that it cannot do. */
export function withAct(draft: Draft, act: ActKind): Draft {
  const point = pointsOf(act).includes(draft.point) ? draft.point : "before";
  return { ...draft, act, point };
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function commas(text: string): string[] {
  return text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
}

function checkOf(draft: Draft): GuardrailCheck {
  switch (draft.maskKind) {
    case "detectors":
      return { kind: "detectors", detectors: detectors.filter((one) => draft.detectors.has(one)) };
    case "deny_list":
      return { kind: "deny_list", phrases: lines(draft.lines) };
    case "regex":
      // Spaces at the ends of a pattern mean something.
      return { kind: "regex", patterns: draft.lines.split("\n").filter((line) => line.trim() !== "") };
  }
}

function actOf(draft: Draft): HookAct {
  switch (draft.act) {
    case "tag":
      return { kind: "tag", tags: commas(draft.tags) };
    case "mask":
      return { kind: "mask", check: checkOf(draft) };
    case "reject":
      return { kind: "reject", message: draft.message.trim() };
    case "webhook":
      return { kind: "webhook", url: draft.url.trim(), content: draft.content };
  }
}

export function draftOf(hook: Hook): Draft {
  const { act, filter } = hook;
  const check = act.kind === "mask" ? act.check : undefined;
  return {
    ...emptyDraft,
    name: hook.name,
    point: hook.point,
    act: act.kind,
    tags: act.kind === "tag" ? act.tags.join(", ") : "",
    maskKind: maskKinds.find((one) => one === check?.kind) ?? "detectors",
    detectors: check?.kind === "detectors" ? new Set(check.detectors) : emptyDraft.detectors,
    lines: check?.kind === "deny_list" ? check.phrases.join("\n") : check?.kind === "regex" ? check.patterns.join("\n") : "",
    message: act.kind === "reject" ? act.message : "",
    url: act.kind === "webhook" ? act.url : "",
    content: act.kind === "webhook" && act.content === true,
    models: filter.models.join("\n"),
    agents: filter.agents.join("\n"),
    onlyTags: filter.tags.join("\n"),
    errors: filter.errors.join("\n"),
    statuses: new Set(filter.statuses),
    keys: filter.keys,
  };
}

export function requestOf(draft: Draft, is_active: boolean): PutHookRequest {
  const ends = knowsEnd(draft) ? { statuses: statuses.filter((one) => draft.statuses.has(one)), errors: lines(draft.errors) } : { statuses: [], errors: [] };
  const filter = { models: lines(draft.models), agents: lines(draft.agents), keys: [...draft.keys], tags: lines(draft.onlyTags), ...ends };
  return { name: draft.name.trim(), point: draft.point, filter, act: actOf(draft), is_active };
}
