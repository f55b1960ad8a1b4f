import type { Budget } from "@/api/types";
import { windowsOf, type Kind, type Scope, type Window } from "./budget-state";

/** A limit as it stands in a form: all text, nothing refused yet. */
export interface BudgetDraft {
  name: string;
  scope: Scope;
  subject: string;
  kind: Kind;
  window: Window;
  amount: string;
  shadow: boolean;
}

export const emptyDraft: BudgetDraft = { name: "", scope: "team", subject: "", kind: "spend", window: "month", amount: "", shadow: false };

export function draftOf({ name, scope, subject, kind, window, amount, shadow }: Budget): BudgetDraft {
  return { name, scope, subject: subject ?? "", kind, window, amount, shadow };
}

/** A change of what is counted may leave the chosen window behind; the first that fits takes its place. */
export function windowOf(draft: BudgetDraft): Window {
  const windows = windowsOf(draft.kind, draft.scope);
  return windows.find((one) => one === draft.window) ?? windows[0] ?? "total";
}

/** What is sent. A team's own limit has no subject; an empty one means each for itself. */
export function bodyOf(draft: BudgetDraft) {
  const subject = draft.scope === "team" ? "" : draft.subject.trim();
  return { name: draft.name.trim(), scope: draft.scope, kind: draft.kind, window: windowOf(draft), amount: draft.amount.trim(), shadow: draft.shadow, ...(subject === "" ? {} : { subject }) };
}

/** Whether saving makes the limit count something else, so that what was used is forgotten. */
export function countsAnew(budget: Budget, draft: BudgetDraft): boolean {
  return budget.kind !== draft.kind || budget.window !== windowOf(draft) || budget.scope !== draft.scope || (budget.subject ?? "") !== (bodyOf(draft).subject ?? "");
}
