import type { Budget } from "@/api/types";

export type Kind = Budget["kind"];
export type Scope = Budget["scope"];
export type Window = Budget["window"];

export const kinds: readonly Kind[] = ["spend", "tokens", "requests", "concurrency"];
/** The installation's own limits are an administrator's affair, over the API. */
export const scopes: readonly Scope[] = ["team", "user", "key", "model", "tag", "run", "agent"];

/** The windows that go with what is counted and whose use it is. */
export function windowsOf(kind: Kind, scope: Scope): readonly Window[] {
  if (kind === "concurrency") return ["now"];
  const calendar: Window[] = ["minute", "hour", "day", "week", "month", "total"];
  return scope === "run" ? ["run"] : calendar;
}

/** The part of the limit that is settled, 0 to 1. For a bar only: figures stay text. */
export function shareUsed(budget: Budget): number {
  const limit = Number(budget.amount);
  if (!(limit > 0)) return 1;
  return Math.min(1, Math.max(0, Number(budget.current.used) / limit));
}

/** A figure as it is read: dollars with their sign, counts in groups. */
export function figure(kind: Kind, text: string): string {
  if (kind === "spend") return `$${text}`;
  const [whole = "0"] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
