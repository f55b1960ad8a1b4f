import type { DiffRun, DiffStep } from "@/api/types";
import type { Translate } from "@/i18n/i18n";

/** What differs in a step that both runs have. */
export function differences(step: DiffStep, t: Translate): string[] {
  if (step.kind !== "changed") return [];
  const outcome = step.a?.status !== step.b?.status;
  const message = step.message_index;
  return [
    ...(message === null || message === undefined ? [] : [t("diff.what.message", { n: message + 1 })]),
    ...(step.model_differs ? [t("diff.what.model")] : []),
    ...(step.answer_differs ? [t("diff.what.answer")] : []),
    ...(outcome ? [t("diff.what.status")] : []),
  ];
}

/** A step keeps its name while the list is filtered. */
export function stepKey(step: DiffStep): string {
  return `${step.a?.call_id ?? ""}:${step.b?.call_id ?? ""}`;
}

export interface Delta {
  /** Of the first; null: it cannot be said. */
  percent: number | null;
  direction: "more" | "less" | "same";
}

/** How much more or less the second is than the first. */
export function deltaOf(a: number, b: number): Delta {
  const direction = b > a ? "more" : b < a ? "less" : "same";
  return { percent: a === 0 ? null : ((b - a) / a) * 100, direction };
}

/** Dollars for comparing, not for showing. Null: no cost of the run is known. */
export function knownCost(run: DiffRun): number | null {
  const { calls, unknown_cost_calls, cost } = run.totals;
  return calls > 0 && unknown_cost_calls === calls ? null : Number(cost);
}

export function formatDelta(delta: Delta): string {
  if (delta.direction === "same") return "±0%";
  const sign = delta.direction === "more" ? "+" : "−";
  if (delta.percent === null) return sign;
  const percent = Math.abs(delta.percent);
  return `${sign}${percent >= 1_000 ? "999" : percent >= 10 ? percent.toFixed(0) : percent.toFixed(1)}%${percent >= 1_000 ? "+" : ""}`;
}
