import type { CallSummary } from "@/api/types";

/** Rows a live list keeps; older ones come back by scrolling. */
export const MOST_ROWS = 5_000;

export interface Merge {
  rows: CallSummary[];
  /** Calls that were not there before. */
  fresh: number;
  /** The newest page does not reach the rows there were: something lies between that nobody loaded. */
  gap: boolean;
}

function newestFirst(a: CallSummary, b: CallSummary): number {
  if (a.started_at !== b.started_at) return a.started_at < b.started_at ? 1 : -1;
  return a.call_id < b.call_id ? 1 : -1;
}

/** Puts the newest page over the rows already shown. A call that is in both keeps its newer form. */
export function mergeHead(rows: readonly CallSummary[], head: readonly CallSummary[], headIsFull: boolean): Merge {
  const known = new Map(rows.map((row) => [row.call_id, row]));
  const fresh = head.filter((row) => !known.has(row.call_id)).length;
  const gap = headIsFull && rows.length > 0 && fresh === head.length;
  if (gap) return { rows: [...head].sort(newestFirst), fresh, gap };
  for (const row of head) known.set(row.call_id, row);
  return { rows: [...known.values()].sort(newestFirst).slice(0, MOST_ROWS), fresh, gap };
}
