import { expect, test } from "vitest";
import { applyFlight, emptyFlight, isFlightMessage, MOST_FLYING, readFlightEvent, seedFlight, SETTLE_MS, settleFlight, type Flight, type Flying } from "./flight";

const call = (id: string): Flying => ({ call_id: id, started_at: "2026-11-21T15:00:00.000Z" });
const going = (id: string) => ({ type: "going", call: call(id) }) as const;
const list = (items: Flying[]) => ({ items, complete: true, as_of: "2026-11-21T15:00:00.000Z" });
const ids = (flight: Flight<Flying>) => [...flight.rows.keys()];

test("a call appears by its start or by a progress seen first, and its time is read from microseconds", () => {
  const event = readFlightEvent({ type: "call_progress", call_id: "a", started_at_us: 1_795_000_000_123_456, agent: "A", output_tokens: 3 });
  expect(event).toEqual({ type: "going", call: { call_id: "a", started_at: new Date(1_795_000_000_123.456).toISOString(), agent: "A", output_tokens: 3 } });
});

test("other messages say nothing about calls in flight", () => {
  for (const message of [null, 1, "x", {}, { type: "span", call_id: "a" }, { type: "call_started", call_id: "a" }, { type: "call_started", started_at_us: 1 }]) expect(readFlightEvent(message)).toBeNull();
  expect(isFlightMessage({ type: "call", call_id: "a" })).toBe(false);
  expect(isFlightMessage({ type: "call_ended", call_id: "a", status: "ok" })).toBe(true);
});

test("an ended call stays until its record comes, and no late progress brings it back", () => {
  let flight = applyFlight(emptyFlight(), going("a"), 0);
  flight = applyFlight(flight, { type: "ended", callId: "a", status: "ok" }, 10);
  expect(flight.rows.get("a")?.ended).toEqual({ status: "ok", atMs: 10 });
  flight = applyFlight(flight, going("a"), 11);
  expect(flight.rows.get("a")?.ended).not.toBeNull();
  flight = applyFlight(flight, { type: "stored", callId: "a" }, 12);
  flight = applyFlight(flight, going("a"), 13);
  flight = applyFlight(flight, { type: "ended", callId: "a", status: "ok" }, 14);
  expect(ids(flight)).toEqual([]);
});

test("a record that comes before the end removes the row, and the end leaves nothing behind", () => {
  let flight = applyFlight(emptyFlight(), going("a"), 0);
  flight = applyFlight(flight, { type: "stored", callId: "a" }, 1);
  flight = applyFlight(flight, { type: "ended", callId: "a", status: "ok" }, 2);
  expect(ids(flight)).toEqual([]);
});

test("an ended call whose record never comes is let go", () => {
  const flight = applyFlight(applyFlight(emptyFlight(), going("a"), 0), { type: "ended", callId: "a", status: "lost" }, 100);
  expect(settleFlight(flight, 100 + SETTLE_MS - 1)).toBe(flight);
  expect(ids(settleFlight(flight, 100 + SETTLE_MS))).toEqual([]);
});

test("the list drops what nothing was heard of, and keeps what began while it was asked for", () => {
  let flight = applyFlight(emptyFlight(), going("gone"), 0);
  flight = applyFlight(flight, going("new"), 60);
  flight = applyFlight(flight, { type: "ended", callId: "over", status: "ok" }, 61);
  flight = seedFlight(flight, list([call("listed"), call("over")]), 50, 70);
  expect(ids(flight)).toEqual(["listed", "new"]);
});

test("the platform's clock is known from the list", () => {
  const asOf = new Date(10_060).toISOString();
  expect(seedFlight(emptyFlight(), { ...list([]), as_of: asOf }, 50, 70).skewMs).toBe(10_000);
});

test("rows are bounded, the oldest go", () => {
  let flight = emptyFlight();
  for (let n = 0; n < MOST_FLYING + 3; n += 1) flight = applyFlight(flight, going(`c${String(n)}`), n);
  expect(flight.rows.size).toBe(MOST_FLYING);
  expect(flight.rows.has("c2")).toBe(false);
  expect(flight.rows.has("c3")).toBe(true);
});
