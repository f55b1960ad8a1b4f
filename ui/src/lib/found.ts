/** Fields about a caller and how they came to be known. */

export type FoundField = "agent" | "run" | "serves" | "handover";

export interface FoundFact {
  source: string;
  rule: string;
  /** The platform's own sentence. */
  reason: string;
  /** 0 to 1. */
  confidence: number;
}

/** Stated by the caller: nothing to hint at. */
export function isHinted(found: FoundFact | null | undefined): found is FoundFact {
  return found?.source === "inferred" || found?.source === "corrected";
}

/** The name of the sentence for a rule, and what goes into its places. Whether there is such a sentence is for the caller to know. */
export function ruleSentence(field: FoundField, rule: string): { key: string; place: string } {
  const word = rule.replace(/^inferred:/, "");
  const colon = word.indexOf(":");
  const family = colon === -1 ? word : word.slice(0, colon);
  if (["header", "path", "baggage", "metadata", "body", "run credential"].includes(family)) return { key: "found.place", place: word };
  return { key: `found.${field}.${word}`, place: "" };
}

/** Whole percent, never 100 for what was only worked out. */
export function surePercent(found: FoundFact): number {
  const percent = Math.round(found.confidence * 100);
  return found.source === "inferred" ? Math.min(99, Math.max(1, percent)) : percent;
}
