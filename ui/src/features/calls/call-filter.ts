import type { CallFilter } from "@/api/types";
import { callStatuses } from "./call-status";

/** What a list of calls can be narrowed by, as it stands in the URL. */
export const filterNames = ["status", "model", "agent", "provider", "crew", "key_id", "session_id", "token_subject", "token_issuer", "trace_id", "execution_id", "from", "to"] as const;
export type FilterName = (typeof filterNames)[number];

/** Reads the filter from the URL; a value the platform would refuse is left out. */
export function readFilter(params: URLSearchParams): CallFilter {
  const filter: CallFilter = {};
  for (const name of filterNames) {
    const value = params.get(name);
    if (value === null || value === "") continue;
    if (name === "status") {
      const status = callStatuses.find((one) => one === value);
      if (status !== undefined) filter.status = status;
    } else {
      filter[name] = value;
    }
  }
  return filter;
}

/** The URL's query with one filter set, or taken away by an empty value. */
export function withFilter(params: URLSearchParams, name: FilterName, value: string): URLSearchParams {
  const next = new URLSearchParams(params);
  if (value === "") next.delete(name);
  else next.set(name, value);
  return next;
}
