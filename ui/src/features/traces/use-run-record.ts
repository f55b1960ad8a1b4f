import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useInFlight } from "@/api/in-flight";
import { feedPath, useFeed } from "@/api/live";
import { queries } from "@/api/queries";
import type { TraceDetail } from "@/api/types";
import { useThrottled } from "@/hooks/use-throttled";
import { useT } from "@/i18n/i18n";
import { isFlightMessage } from "@/lib/flight";
import { looksOf, type Look } from "./look";
import { marksOf, type CallMarks } from "./marks";
import { buildRunTree, type RunTree } from "./run-tree";

/** A run that is not on record yet, but will be, is asked for again after this. */
const COMING_INTERVAL_MS = 1_000;
/** What arrives is loaded with everything it changes (sums, ends, the tree), at most this often. */
const RELOAD_INTERVAL_MS = 800;

export interface RunRecord {
  /** Null before anything of the run is on record. */
  trace: TraceDetail | null;
  error: Error | null;
  refetch: () => void;
  tree: RunTree;
  looks: ReadonlyMap<string, Look>;
  marks: CallMarks;
  /** Every trace id of the run. */
  traceIds: readonly string[];
  /** Calls in flight now. */
  flying: number;
  skewMs: number;
}

/**
 * A run as it is on record and as it goes on: loaded again as records arrive, with the calls in flight in it.
 * `coming`: calls of it were answered, so its record is on its way.
 */
export function useRunRecord(traceId: string, recorded = true, coming = false): RunRecord {
  const t = useT();
  const queryClient = useQueryClient();
  const query = useQuery({
    ...queries.trace(traceId),
    enabled: recorded,
    refetchInterval: ({ state }) => (coming && state.data === undefined ? COMING_INTERVAL_MS : false),
  });
  const trace = query.data ?? null;
  const ids = [...new Set([traceId, ...(trace?.parts ?? [])])].join();
  const traceIds = useMemo(() => ids.split(","), [ids]);
  const reload = useThrottled(() => queryClient.invalidateQueries({ queryKey: queries.trace(traceId).queryKey }), RELOAD_INTERVAL_MS);
  const several = traceIds.length > 1;
  useFeed(
    feedPath(several ? null : traceId),
    {
      onMessage: (message) => {
        if (!isFlightMessage(message) && (!several || traceIds.includes(traceOf(message)))) reload();
      },
      onGap: reload,
    },
    recorded && traceId !== "",
  );
  const flight = useInFlight(traceIds, traceId !== "");
  const { rows, skewMs } = flight;
  const tree = useMemo(() => buildRunTree(trace, rows), [trace, rows]);
  const looks = useMemo(() => looksOf(tree.speakers, t), [tree.speakers, t]);
  const marks = useMemo(() => marksOf(trace), [trace]);
  const { refetch } = query;
  return { trace, error: query.error, refetch: () => void refetch(), tree, looks, marks, traceIds, flying: rows.filter((row) => row.ended === null).length, skewMs };
}

function traceOf(message: unknown): string {
  return typeof message === "object" && message !== null && "trace_id" in message && typeof message.trace_id === "string" ? message.trace_id : "";
}
