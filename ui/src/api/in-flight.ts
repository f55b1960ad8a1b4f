import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { applyFlight, emptyFlight, readFlightEvent, seedFlight, settleFlight, type Flight, type FlightEvent, type FlightRow } from "@/lib/flight";
import { client, unwrap } from "./client";
import { feedPath, useFeed } from "./live";
import type { InFlightCall } from "./types";

/** Rows asked for; more are counted but not listed. */
const LISTED = 500;
/** While calls are in flight the list is asked for again this often, so that a lost word leaves no row for good. */
const RELIST_MS = 15_000;
const SETTLE_LOOK_MS = 1_000;

export type FlyingCall = FlightRow<InFlightCall>;

export interface InFlight {
  /** Newest first. */
  rows: readonly FlyingCall[];
  /** The platform's clock less this computer's. */
  skewMs: number;
  /** False when the platform could not list every call. */
  complete: boolean;
}

type Action =
  | { kind: "event"; event: FlightEvent<InFlightCall>; nowMs: number }
  | { kind: "list"; list: { items: readonly InFlightCall[]; complete: boolean; as_of: string }; askedAtMs: number; nowMs: number }
  | { kind: "settle"; nowMs: number }
  | { kind: "reset" };

function reduce(flight: Flight<InFlightCall>, action: Action): Flight<InFlightCall> {
  switch (action.kind) {
    case "event":
      return applyFlight(flight, action.event, action.nowMs);
    case "list":
      return seedFlight(flight, action.list, action.askedAtMs, action.nowMs);
    case "settle":
      return settleFlight(flight, action.nowMs);
    case "reset":
      return emptyFlight();
  }
}

/** The calls in flight of the team, or of some traces: one has a feed of its own, several are picked from the team's. */
export function useInFlight(traceIds: readonly string[] | null, enabled = true): InFlight {
  const [flight, dispatch] = useReducer(reduce, emptyFlight<InFlightCall>());
  const traceId = traceIds?.length === 1 ? (traceIds[0] ?? null) : null;
  const latest = useRef({ traceId, enabled });
  useEffect(() => {
    latest.current = { traceId, enabled };
  }, [traceId, enabled]);
  const list = useCallback(async () => {
    const askedAtMs = Date.now();
    const query = { limit: LISTED, ...(traceId === null ? {} : { trace_id: traceId }) };
    // The list only helps what the events tell: a failed look is made up for by the next.
    const answer = await unwrap(client.GET("/api/calls/in-flight", { params: { query } })).catch(() => null);
    if (answer === null || latest.current.traceId !== traceId || !latest.current.enabled) return;
    dispatch({ kind: "list", list: answer, askedAtMs, nowMs: Date.now() });
  }, [traceId]);

  useFeed(
    feedPath(traceId),
    {
      onMessage: (message) => {
        const event = readFlightEvent(message) as FlightEvent<InFlightCall> | null;
        if (event !== null) dispatch({ kind: "event", event, nowMs: Date.now() });
      },
      onGap: () => void list(),
    },
    enabled,
  );

  useEffect(() => {
    if (!enabled) return;
    void list();
    return () => dispatch({ kind: "reset" });
  }, [enabled, list]);

  const some = flight.rows.size > 0;
  useEffect(() => {
    if (!enabled || !some) return;
    const relist = setInterval(() => void list(), RELIST_MS);
    const settle = setInterval(() => dispatch({ kind: "settle", nowMs: Date.now() }), SETTLE_LOOK_MS);
    return () => {
      clearInterval(relist);
      clearInterval(settle);
    };
  }, [enabled, some, list]);

  return useMemo(() => {
    const rows = [...flight.rows.values()].filter((row) => traceIds === null || traceIds.includes(row.call.trace_id));
    return { rows: rows.sort(newestFirst), skewMs: flight.skewMs, complete: flight.complete };
  }, [flight, traceIds]);
}

function newestFirst(a: FlyingCall, b: FlyingCall): number {
  if (a.call.started_at !== b.call.started_at) return a.call.started_at < b.call.started_at ? 1 : -1;
  return a.call.call_id < b.call.call_id ? 1 : -1;
}
