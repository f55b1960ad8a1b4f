/** Calls in flight as the live events tell them: what is running now, and what ended a moment ago and is not yet on record. */

/** What every call in flight has; the rest of it is carried along as it came. */
export interface Flying {
  call_id: string;
  started_at: string;
}

export interface FlightRow<Call extends Flying> {
  call: Call;
  /** When something was last heard of it, by this computer's clock. */
  heardAtMs: number;
  /** How it ended; its record takes its place within about a second. Null while it runs. */
  ended: { status: string; atMs: number } | null;
}

export interface Flight<Call extends Flying> {
  rows: ReadonlyMap<string, FlightRow<Call>>;
  /** Calls that are over, so that a late word of one does not bring it back. */
  over: ReadonlySet<string>;
  /** The platform's clock less this computer's. */
  skewMs: number;
  /** False when the platform could not list every call. */
  complete: boolean;
}

/** How long an ended call waits for its record before it is let go. */
export const SETTLE_MS = 5_000;
/** How many ended calls are remembered. */
const MOST_OVER = 2_000;
/** How many rows there may be; the oldest go first. */
export const MOST_FLYING = 1_000;

export function emptyFlight<Call extends Flying>(): Flight<Call> {
  return { rows: new Map(), over: new Set(), skewMs: 0, complete: true };
}

export type FlightEvent<Call extends Flying> = { type: "going"; call: Call } | { type: "ended"; callId: string; status: string } | { type: "stored"; callId: string };

/** Reads a live message; null when it says nothing about a call. */
export function readFlightEvent(message: unknown): FlightEvent<Flying> | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, started_at_us: startedAtUs, ...rest } = message as Record<string, unknown>;
  const callId = rest.call_id;
  if (typeof callId !== "string" || callId === "") return null;
  if (type === "call") return { type: "stored", callId };
  if (type === "call_ended") return { type: "ended", callId, status: typeof rest.status === "string" ? rest.status : "" };
  if ((type !== "call_started" && type !== "call_progress") || typeof startedAtUs !== "number") return null;
  return { type: "going", call: { ...rest, call_id: callId, started_at: new Date(startedAtUs / 1_000).toISOString() } };
}

/** Messages about what goes on now, not about what was recorded. */
export function isFlightMessage(message: unknown): boolean {
  const event = readFlightEvent(message);
  return event !== null && event.type !== "stored";
}

export function applyFlight<Call extends Flying>(flight: Flight<Call>, event: FlightEvent<Call>, nowMs: number): Flight<Call> {
  const rows = new Map(flight.rows);
  if (event.type === "going") {
    if (flight.over.has(event.call.call_id)) return flight;
    rows.set(event.call.call_id, { call: event.call, heardAtMs: nowMs, ended: null });
    for (const oldest of rows.keys()) {
      if (rows.size <= MOST_FLYING) break;
      rows.delete(oldest);
    }
    return { ...flight, rows };
  }
  const row = rows.get(event.callId);
  const over = remember(flight.over, event.callId);
  if (event.type === "stored" || row === undefined) rows.delete(event.callId);
  else rows.set(event.callId, { ...row, ended: row.ended ?? { status: event.status, atMs: nowMs } });
  return { ...flight, rows, over };
}

/** The list of the platform, asked for at `askedAtMs`: what is not in it and was not heard of since is gone. */
export function seedFlight<Call extends Flying>(flight: Flight<Call>, list: { items: readonly Call[]; complete: boolean; as_of: string }, askedAtMs: number, nowMs: number): Flight<Call> {
  const rows = new Map<string, FlightRow<Call>>();
  for (const call of list.items) {
    if (!flight.over.has(call.call_id)) rows.set(call.call_id, { call, heardAtMs: nowMs, ended: null });
  }
  for (const [id, row] of flight.rows) {
    if (row.ended !== null || row.heardAtMs >= askedAtMs) rows.set(id, row);
  }
  // Half of the way there and back is the fairest guess at when the list was made.
  const asOfMs = Date.parse(list.as_of);
  return { ...flight, rows, complete: list.complete, skewMs: Number.isFinite(asOfMs) ? asOfMs - (askedAtMs + nowMs) / 2 : flight.skewMs };
}

/** Lets go of ended calls whose record never came. The same flight when there is none. */
export function settleFlight<Call extends Flying>(flight: Flight<Call>, nowMs: number): Flight<Call> {
  const waited = [...flight.rows].filter(([, row]) => row.ended !== null && nowMs - row.ended.atMs >= SETTLE_MS);
  if (waited.length === 0) return flight;
  const rows = new Map(flight.rows);
  for (const [id] of waited) rows.delete(id);
  return { ...flight, rows };
}

function remember(over: ReadonlySet<string>, id: string): ReadonlySet<string> {
  if (over.has(id)) return over;
  const next = new Set(over).add(id);
  for (const oldest of next) {
    if (next.size <= MOST_OVER) break;
    next.delete(oldest);
  }
  return next;
}
