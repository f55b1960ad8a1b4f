import type { TraceFilter } from "@/api/types";

/** What a list of traces can be narrowed by, as it stands in the URL. */
export const traceFilterNames = ["agent", "model", "crew", "session_id", "execution_id", "errors_only", "from", "to"] as const;
export type TraceFilterName = (typeof traceFilterNames)[number];

/** Reads the filter from the URL; a value the platform would refuse is left out. */
export function readTraceFilter(params: URLSearchParams): TraceFilter {
  const filter: TraceFilter = {};
  for (const name of traceFilterNames) {
    const value = params.get(name);
    if (value === null || value === "") continue;
    if (name === "errors_only") {
      if (value === "true") filter.errors_only = true;
    } else {
      filter[name] = value;
    }
  }
  return filter;
}

/** The URL's query with one name set, or taken away by an empty value. */
export function withTraceParam(params: URLSearchParams, name: TraceFilterName | "compare", value: string): URLSearchParams {
  const next = new URLSearchParams(params);
  if (value === "") next.delete(name);
  else next.set(name, value);
  return next;
}
