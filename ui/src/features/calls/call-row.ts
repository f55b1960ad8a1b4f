import type { FlyingCall } from "@/api/in-flight";
import type { CallFilter, CallSummary } from "@/api/types";

/** A line of the list: a call on record, or one in flight. */
export type CallRow = { kind: "stored"; call: CallSummary } | { kind: "flying"; row: FlyingCall };

export function rowId(row: CallRow): string {
  return row.kind === "stored" ? row.call.call_id : row.row.call.call_id;
}

/** What is in flight over what is on record. A call whose record is there already is shown once. */
export function joinRows(flying: readonly FlyingCall[], stored: readonly CallSummary[]): CallRow[] {
  const known = new Set(stored.map((call) => call.call_id));
  return [...flying.filter((row) => !known.has(row.call.call_id)).map((row): CallRow => ({ kind: "flying", row })), ...stored.map((call): CallRow => ({ kind: "stored", call }))];
}

/** Whether a call in flight belongs to a filtered list. How it will end is not known yet, so a list of one status has none. */
export function fliesHere({ call }: FlyingCall, filter: CallFilter): boolean {
  if (filter.status != null || filter.to != null) return false;
  const wanted: [string | null | undefined, string | null | undefined][] = [
    [filter.model, call.requested_model],
    [filter.agent, call.agent],
    [filter.provider, call.provider],
    [filter.crew, call.crew],
    [filter.key_id, call.key_id],
    [filter.session_id, call.session_id],
    [filter.token_subject, call.token_subject],
    [filter.token_issuer, call.token_issuer],
    [filter.trace_id, call.trace_id],
    [filter.execution_id, call.execution_id],
  ];
  return wanted.every(([want, is]) => want === null || want === undefined || want === "" || want === is);
}
