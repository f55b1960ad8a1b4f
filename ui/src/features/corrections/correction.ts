import type { AgentCorrection, NewAgentCorrection } from "@/api/types";
import { client, unwrap } from "@/api/client";

export const correctionKinds = ["rename", "merge", "split"] as const;
export type CorrectionKind = (typeof correctionKinds)[number];

/** The agent that is corrected, as the page around knows it. */
export interface Subject {
  /** What the correction is made on. */
  fingerprint: string;
  /** As it is shown now; null when nobody named it. */
  name: string | null;
  /** Its key, for leaving it out of what it can be merged with. */
  key: string;
}

/** An agent that another can be merged into. */
export interface Target {
  key: string;
  name: string;
}

/** A part of an agent's calls that can become an agent of its own. */
export interface Part {
  by: "prompt" | "conversation";
  id: string;
  /** What the reader knows it by. */
  label: string;
}

/** Which of an agent's fingerprints a correction is made on: the one that is its key, else the first. */
export function mainFingerprint(key: string, fingerprints: readonly string[]): string | null {
  return fingerprints.find((one) => one === key) ?? fingerprints[0] ?? null;
}

export interface CorrectionDraft {
  kind: CorrectionKind;
  name: string;
  into: string;
  part: string;
}

/** What is sent; null while something is missing. */
export function correctionOf(draft: CorrectionDraft, subject: Subject, targets: readonly Target[], parts: readonly Part[]): NewAgentCorrection | null {
  const about = { agent: subject.fingerprint, from_name: subject.name ?? "" };
  const name = draft.name.trim();
  switch (draft.kind) {
    case "rename":
      return name === "" || name === subject.name ? null : { kind: "rename", ...about, name };
    case "merge": {
      const target = targets.find((one) => one.key === draft.into);
      return target === undefined ? null : { kind: "merge", ...about, into: target.key, name: target.name };
    }
    case "split": {
      const part = parts.find((one) => partId(one) === draft.part);
      if (part === undefined || name === "") return null;
      return { kind: "split", ...about, when: part.by === "prompt" ? { prompt: part.id } : { conversation: part.id }, name };
    }
  }
}

export function partId(part: Part): string {
  return `${part.by}:${part.id}`;
}

/** The correction that stands in the way of a new one: the same agent, and for a split the same part. */
export function standsInTheWay(made: readonly AgentCorrection[], next: NewAgentCorrection): AgentCorrection | undefined {
  return made.find((one) => {
    if (one.agent !== next.agent) return false;
    if (next.kind === "split") return one.kind === "split" && one.when?.prompt === next.when?.prompt && one.when?.conversation === next.when?.conversation;
    return one.kind !== "split";
  });
}

/** Makes a correction in place of the one that stands in its way; when that fails, the old one stands again. */
export async function makeCorrection(next: NewAgentCorrection, before: AgentCorrection | undefined): Promise<void> {
  if (before !== undefined) await unwrap(client.DELETE("/api/agent-corrections/{id}", { params: { path: { id: before.id } } }));
  try {
    await unwrap(client.POST("/api/agent-corrections", { body: next }));
  } catch (error) {
    if (before !== undefined) await unwrap(client.POST("/api/agent-corrections", { body: again(before) }));
    throw error;
  }
}

function again({ kind, agent, from_name, name, into, when }: AgentCorrection): NewAgentCorrection {
  return { kind, agent, name, from_name, ...(into == null ? {} : { into }), ...(when == null ? {} : { when }) };
}
