import type { FlyingCall } from "@/api/in-flight";
import type { Found, Handover, InFlightCall, RunNode, Span, Speaker, Totals } from "@/api/types";
import type { RunRecord } from "../run-tree";

/** Runs as the platform tells them, for tests. */
export const START = Date.parse("2026-11-21T15:00:00.000Z");
const at = (ms: number) => new Date(START + ms).toISOString();

export const inferred = (rule: string, confidence = 0.9): Found => ({ source: "inferred", rule, reason: `because of ${rule}`, confidence });
export const stated: Found = { source: "aop_header", rule: "header:x-aop-agent", reason: "Stated.", confidence: 1 };

export function totals(calls: number, cost = "0", more: Partial<Totals> = {}): Totals {
  return { calls, internal_calls: 0, errors: 0, input_tokens: 10 * calls, output_tokens: 5 * calls, cost, unknown_cost_calls: 0, ...more };
}

export function speaker(agent: string, name: string | null, more: Partial<Speaker> = {}): Speaker {
  return { agent, name, kind: "agent", found: inferred("prompt:crewai_role"), fingerprints: [agent], prompts: [], conversations: [], correction_ids: [], totals: totals(1), internals: [], busy_us: 1_000, ...more };
}

export function node(id: string, parent: string | null, kind: RunNode["kind"], fromMs: number, toMs: number | null, more: Partial<RunNode> = {}): RunNode {
  return {
    id,
    parent,
    depth: 0,
    kind,
    name: id,
    status: toMs === null ? "running" : "completed",
    started_at: at(fromMs),
    ended_at: toMs === null ? null : at(toMs),
    duration_us: toMs === null ? null : (toMs - fromMs) * 1_000,
    totals: totals(kind === "call" ? 1 : 0),
    found: {},
    ...more,
  };
}

export function call(id: string, parent: string, agent: string, fromMs: number, toMs: number | null, more: Partial<RunNode> = {}): RunNode {
  return node(`c:${id}`, parent, "call", fromMs, toMs, { name: "gpt-5-mini", agent, call_id: id, span_id: `s-${id}`, ...more });
}

export function attempt(id: string, callId: string, fromMs: number, toMs: number, more: Partial<Span> = {}): Span {
  return { span_id: id, span_type: "attempt", call_id: callId, name: id, status: "failed", started_at: at(fromMs), ended_at: at(toMs), duration_us: (toMs - fromMs) * 1_000, input_tokens: 0, output_tokens: 0, source: "gateway", inputs: "", outputs: "", attributes: {}, ...more };
}

export function handover(from: string, to: string, ms: number, more: Partial<Handover> = {}): Handover {
  return { from, to, to_name: to, passing: "delegate", at: at(ms), found: inferred("tool"), ...more };
}

export function run(tree: RunNode[], speakers: Speaker[], more: Partial<RunRecord> = {}): RunRecord {
  return { tree, run_agents: speakers, spans: [], handovers: [], started_at: at(0), ...more };
}

export function flying(id: string, fromMs: number, more: Partial<InFlightCall> = {}, ended: FlyingCall["ended"] = null): FlyingCall {
  const call: InFlightCall = {
    call_id: id,
    trace_id: "t",
    span_id: `s-${id}`,
    started_at: at(fromMs),
    operation: "chat_completions",
    requested_model: "gpt-5-mini",
    stream: true,
    state: "waiting",
    attempt_count: 1,
    output_tokens: 0,
    runaway: [],
    node: "proxy-1",
    ...more,
  };
  return { call, heardAtMs: START + fromMs, ended };
}

/** A manager that gives work to a researcher twice, with a planning call of the framework. */
export function crewRun(): RunRecord {
  return run(
    [
      node("run", null, "run", 0, 1_000, { name: "crew", totals: totals(4, "0.4", { internal_calls: 1 }) }),
      node("a:m", "run", "agent", 0, 1_000, { agent: "m", totals: totals(2, "0.2"), found: { agent: inferred("prompt:crewai_role", 0.97) } }),
      call("1", "a:m", "m", 0, 200),
      node("a:r", "a:m", "agent", 250, 600, { agent: "r", totals: totals(2, "0.2", { internal_calls: 1 }) }),
      node("t:p", "a:r", "task", 250, 300, { agent: "r", internal: "planner", name: "planner" }),
      call("2", "t:p", "r", 250, 300, { internal: "planner" }),
      node("t:1", "a:r", "task", 310, 600, { agent: "r", name: "Find three sources", conversation: "k1" }),
      call("3", "t:1", "r", 310, 600, { conversation: "k1" }),
      call("4", "a:m", "m", 700, 1_000),
    ],
    [speaker("m", "Manager"), speaker("r", null)],
    { handovers: [handover("m", "r", 200, { from_call_id: "1", to_call_id: "3" }), handover("m", "r", 300), handover("r", "m", 600)] },
  );
}
