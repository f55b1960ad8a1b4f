import { expect, test } from "vitest";
import type { Span } from "@/api/types";
import { buildTree, handovers, sumTrace, visibleNodes } from "./trace-tree";
import { dragWindow, niceTicks, position } from "./time-axis";

const start = Date.parse("2026-11-21T00:00:00Z");

function span(id: string, parent: string | null, type: string, fromMs: number, toMs: number | null, more: Partial<Span> = {}): Span {
  return {
    span_id: id,
    parent_span_id: parent,
    span_type: type,
    name: id,
    status: toMs === null ? "running" : "completed",
    started_at: new Date(start + fromMs).toISOString(),
    ended_at: toMs === null ? null : new Date(start + toMs).toISOString(),
    duration_us: toMs === null ? null : (toMs - fromMs) * 1_000,
    input_tokens: type === "llm_call" || type === "attempt" ? 10 : 0,
    output_tokens: type === "llm_call" || type === "attempt" ? 5 : 0,
    cost: type === "llm_call" ? "0.1" : null,
    source: "gateway",
    inputs: "",
    outputs: "",
    attributes: {},
    ...more,
  };
}

test("tokens and exact cost roll up on every branch, an attempt is never counted with its call", () => {
  const tree = buildTree([
    span("crew", null, "crew", 0, 100),
    span("agent", "crew", "agent", 10, 90, { agent: "A" }),
    span("call-1", "agent", "llm_call", 20, 40, { agent: "A" }),
    span("try-1", "call-1", "attempt", 21, 39),
    span("call-2", "agent", "llm_call", 50, 80, { agent: "A", cost: "0.2" }),
    span("call-3", "crew", "llm_call", 92, 95, { cost: null }),
  ]);
  expect(tree.roots).toHaveLength(1);
  expect(tree.roots[0]?.rollup).toEqual({ calls: 3, errors: 0, inputTokens: 30, outputTokens: 15, cost: "0.3", unknownCosts: 1 });
  expect(tree.lengthMs).toBe(100);
});

test("a call's only attempt is left out, several are shown", () => {
  const one = buildTree([span("call", null, "llm_call", 0, 9), span("try", "call", "attempt", 0, 9)]);
  expect(visibleNodes(one.roots, new Set()).map((node) => node.span.span_id)).toEqual(["call"]);
  const two = buildTree([span("call", null, "llm_call", 0, 9), span("t1", "call", "attempt", 0, 3), span("t2", "call", "attempt", 4, 9)]);
  expect(visibleNodes(two.roots, new Set()).map((node) => node.span.span_id)).toEqual(["call", "t1", "t2"]);
  expect(visibleNodes(two.roots, new Set(["call"])).map((node) => node.span.span_id)).toEqual(["call"]);
});

test("a span whose parent never came and spans in a circle are still shown", () => {
  const tree = buildTree([span("lost", "nobody", "agent", 0, 5), span("a", "b", "agent", 1, 2), span("b", "a", "agent", 1, 3)]);
  const shown = visibleNodes(tree.roots, new Set()).map((node) => node.span.span_id);
  expect([...shown].sort()).toEqual(["a", "b", "lost"]);
});

test("a running span has no end yet", () => {
  const tree = buildTree([span("crew", null, "crew", 0, null), span("call", "crew", "llm_call", 5, 25)]);
  expect(tree.running).toBe(true);
  expect(tree.roots[0]?.endMs).toBeNull();
  expect(tree.lengthMs).toBe(25);
});

test("hand-overs are where another agent begins", () => {
  const tree = buildTree([span("c", null, "crew", 0, 100), span("1", "c", "agent", 0, 40, { agent: "A" }), span("2", "c", "agent", 41, 60, { agent: "A" }), span("3", "c", "agent", 61, 90, { agent: "B" })]);
  expect(handovers(tree)).toEqual([{ fromAgent: "A", toAgent: "B", atMs: 61 }]);
});

test("10,000 spans in one chain are built and shown quickly", () => {
  const chain = Array.from({ length: 10_000 }, (_, n) => span(`s${String(n)}`, n === 0 ? null : `s${String(n - 1)}`, "agent", n, 20_000 - n));
  const before = performance.now();
  const tree = buildTree(chain);
  expect(visibleNodes(tree.roots, new Set())).toHaveLength(10_000);
  expect(performance.now() - before).toBeLessThan(2_000);
});

test("marks on the axis are round numbers inside the window", () => {
  expect(niceTicks({ fromMs: 0, toMs: 1_000 }, 5)).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect(niceTicks({ fromMs: 130, toMs: 470 }, 4)).toEqual([200, 300, 400]);
});

test("a drag becomes a window, a click does not", () => {
  const window = { fromMs: 100, toMs: 300 };
  expect(dragWindow(0.75, 0.25, window)).toEqual({ fromMs: 150, toMs: 250 });
  expect(dragWindow(0.5, 0.501, window)).toBeNull();
  expect(position(200, window)).toBe(0.5);
});

test("the sums of a trace are those of its calls", () => {
  const spans = [span("crew", null, "crew", 0, 9), span("a", "crew", "llm_call", 1, 2), span("t", "a", "attempt", 1, 2), span("b", "gone", "llm_call", 3, 4, { cost: null })];
  expect(sumTrace(spans)).toEqual({ calls: 2, errors: 0, inputTokens: 20, outputTokens: 10, cost: "0.1", unknownCosts: 1 });
});
