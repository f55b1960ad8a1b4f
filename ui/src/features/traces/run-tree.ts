import type { FlyingCall } from "@/api/in-flight";
import type { RunNode, Span, Speaker, Totals, TraceDetail } from "@/api/types";
import { millis } from "@/lib/format";

export type StepKind = "run" | "agent" | "task" | "call" | "span" | "attempt";

/** A branch or leaf of a run as it is shown: the platform's nodes, several attempts of one call, and calls in flight. */
export interface Step {
  id: string;
  kind: StepKind;
  spanType: string | null;
  name: string;
  /** Key into the speakers; null where no agent is meant. */
  agent: string | null;
  /** What a framework made this call for. */
  internal: string | null;
  spanId: string | null;
  callId: string | null;
  status: string;
  /** Milliseconds since the start of the run. */
  startMs: number;
  /** Null while it runs. */
  endMs: number | null;
  /** Wait for the first token, in milliseconds; null where there was none. */
  firstTokenMs: number | null;
  totals: Totals;
  errorCode: string | null;
  /** The platform's node; null for attempts and calls in flight. */
  node: RunNode | null;
  /** Set while it is in flight. */
  flight: FlyingCall | null;
  /** Calls in flight here and below. */
  flying: number;
  depth: number;
  children: Step[];
}

export interface RunTree {
  roots: Step[];
  /** Every step, in reading order. */
  steps: Step[];
  /** Unix milliseconds. */
  startedAt: number;
  /** End of the last finished step, in milliseconds since the start. */
  lengthMs: number;
  running: boolean;
  /** Who speaks, in order; those only known from calls in flight at the end. */
  speakers: Speaker[];
  passings: Passing[];
}

/** Work that went from one agent to another. */
export interface Passing {
  from: string;
  to: string;
  /** Milliseconds since the start. */
  atMs: number;
  fromCall: string | null;
  toCall: string | null;
}

const noTotals: Totals = { calls: 0, internal_calls: 0, errors: 0, input_tokens: 0, output_tokens: 0, cost: "0", unknown_cost_calls: 0 };

export type RunRecord = Pick<TraceDetail, "tree" | "spans" | "run_agents" | "started_at" | "handovers">;

/** The tree of a run with what is in flight in it. Without a record yet (`trace` null) there is only what is in flight. */
export function buildRunTree(trace: RunRecord | null, flying: readonly FlyingCall[]): RunTree {
  const first = flying.reduce((least, one) => Math.min(least, Date.parse(one.call.started_at)), Infinity);
  const startedAt = Math.min(first, trace === null ? Infinity : startOf(trace));
  const start = Number.isFinite(startedAt) ? startedAt : 0;
  const roots = trace === null ? [] : storedSteps(trace, start);
  const speakers = [...(trace?.run_agents ?? [])];
  const known = new Set(trace?.tree.map((node) => node.call_id));
  for (const one of [...flying].reverse()) {
    if (!known.has(one.call.call_id)) place(one, roots, speakers, start);
  }
  const steps = inOrder(roots);
  const ends = new Map(steps.map((step) => [step.callId, step.endMs ?? step.startMs]));
  return {
    roots,
    steps,
    startedAt: start,
    lengthMs: steps.reduce((most, step) => Math.max(most, step.endMs ?? step.startMs), 1),
    running: steps.some((step) => step.endMs === null),
    speakers,
    passings: (trace?.handovers ?? []).map((one) => ({
      from: one.from,
      to: one.to,
      // Work goes over when the call that gave it has ended.
      atMs: ends.get(one.from_call_id ?? "") ?? Date.parse(one.at) - start,
      fromCall: one.from_call_id ?? null,
      toCall: one.to_call_id ?? null,
    })),
  };
}

function startOf(trace: RunRecord): number {
  return trace.tree.reduce((least, node) => Math.min(least, Date.parse(node.started_at)), Date.parse(trace.started_at));
}

function storedSteps(trace: RunRecord, start: number): Step[] {
  const spans = new Map(trace.spans.map((span) => [span.span_id, span]));
  const attempts = attemptsByCall(trace.spans);
  const steps = new Map<string, Step>();
  const roots: Step[] = [];
  for (const node of trace.tree) {
    const step = stepOf(node, spans.get(node.span_id ?? ""), start);
    steps.set(node.id, step);
    // A parent comes before its children; what names none that came is a root, so that nothing is lost.
    const above = steps.get(node.parent ?? "");
    if (above === undefined || above === step) roots.push(step);
    else above.children.push(step);
    const tries = attempts.get(node.call_id ?? "") ?? [];
    if (node.kind === "call" && tries.length > 1) step.children.push(...tries.map((span) => attemptOf(span, step, start)));
  }
  return roots;
}

function attemptsByCall(spans: readonly Span[]): Map<string, Span[]> {
  const attempts = new Map<string, Span[]>();
  for (const span of spans) {
    if (span.span_type !== "attempt" || span.call_id === null || span.call_id === undefined) continue;
    const those = attempts.get(span.call_id);
    if (those === undefined) attempts.set(span.call_id, [span]);
    else those.push(span);
  }
  return attempts;
}

function stepOf(node: RunNode, span: Span | undefined, start: number): Step {
  const startMs = Date.parse(node.started_at) - start;
  const running = node.status === "running" || node.ended_at === null || node.ended_at === undefined;
  return {
    id: node.id,
    kind: node.kind,
    spanType: node.span_type ?? null,
    name: node.name ?? "",
    agent: node.agent ?? null,
    internal: node.internal ?? null,
    spanId: node.span_id ?? null,
    callId: node.call_id ?? null,
    status: node.status,
    startMs,
    // Microseconds of the duration are finer than the two times.
    endMs: running ? null : startMs + (millis(node.duration_us) ?? Math.max(0, Date.parse(node.ended_at ?? node.started_at) - Date.parse(node.started_at))),
    firstTokenMs: node.kind === "call" ? millis(span?.first_token_us) : null,
    totals: node.totals,
    errorCode: node.error_code ?? null,
    node,
    flight: null,
    flying: 0,
    depth: 0,
    children: [],
  };
}

function attemptOf(span: Span, call: Step, start: number): Step {
  const startMs = Date.parse(span.started_at) - start;
  return {
    ...call,
    id: `try:${span.span_id}`,
    kind: "attempt",
    spanType: "attempt",
    name: span.name === "" ? (span.provider ?? "") : span.name,
    spanId: span.span_id,
    status: span.status,
    startMs,
    endMs: span.status === "running" ? null : startMs + (millis(span.duration_us) ?? 0),
    firstTokenMs: millis(span.first_token_us),
    totals: noTotals,
    errorCode: span.error_code ?? null,
    node: null,
    children: [],
  };
}

/** A call in flight hangs under the agent and task it names, or under a new branch for them; without a name right below the run. */
function place(one: FlyingCall, roots: Step[], speakers: Speaker[], start: number): void {
  const { call } = one;
  const root = roots[0] ?? addBranch(roots, one, "run", call.crew ?? "", null, start);
  const path = [root];
  if (call.agent !== null && call.agent !== undefined && call.agent !== "") {
    const speaker = speakers.find((each) => each.name === call.agent) ?? addSpeaker(speakers, call.agent);
    const branch = lastOf(root, (step) => step.kind === "agent" && step.agent === speaker.agent);
    path.push(...(branch ?? [addBranch(root.children, one, "agent", call.agent, speaker.agent, start)]));
    const task = call.task ?? "";
    const agentStep = path.at(-1) ?? root;
    const own = task === "" ? undefined : [...agentStep.children].reverse().find((step) => step.kind === "task" && step.name === task);
    if (own !== undefined) path.push(own);
  }
  const under = path.at(-1) ?? root;
  under.children.push(flyingStep(one, under.agent, start));
  if (one.ended === null) {
    for (const step of path) {
      step.flying += 1;
      step.endMs = null;
      step.status = "running";
    }
  }
}

/** The branch a step of a kind hangs in, from below the root down to it; the one that began last. */
function lastOf(root: Step, is: (step: Step) => boolean): Step[] | undefined {
  let best: Step | undefined;
  const above = new Map<Step, Step>();
  const stack = [...root.children];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if (is(step) && (best?.startMs ?? -Infinity) <= step.startMs) best = step;
    for (const child of step.children) {
      above.set(child, step);
      stack.push(child);
    }
  }
  const path: Step[] = [];
  for (let step = best; step !== undefined; step = above.get(step)) path.push(step);
  return best === undefined ? undefined : path.reverse();
}

function addBranch(siblings: Step[], one: FlyingCall, kind: "run" | "agent", name: string, agent: string | null, start: number): Step {
  const step: Step = { ...flyingStep(one, agent, start), id: `flying-${kind}:${name}`, kind, name, callId: null, spanId: null, flight: null, flying: 0, endMs: null };
  siblings.push(step);
  return step;
}

function addSpeaker(speakers: Speaker[], name: string): Speaker {
  const found = { source: "none", rule: "none", reason: "", confidence: 1 };
  const speaker: Speaker = { agent: `flying:${name}`, name, kind: "agent", found, fingerprints: [], prompts: [], conversations: [], correction_ids: [], totals: noTotals, internals: [], busy_us: 0 };
  speakers.push(speaker);
  return speaker;
}

function flyingStep(one: FlyingCall, agent: string | null, start: number): Step {
  const { call, ended } = one;
  const startMs = Date.parse(call.started_at) - start;
  return {
    id: `flying:${call.call_id}`,
    kind: "call",
    spanType: null,
    name: call.requested_model,
    agent,
    internal: null,
    spanId: call.span_id,
    callId: call.call_id,
    status: ended?.status ?? "running",
    startMs,
    // The clock of the end is this computer's; a call that ended waits for its record for a second only.
    endMs: ended === null ? null : startMs + Math.max(0, ended.atMs - Date.parse(call.started_at)),
    firstTokenMs: millis(call.first_token_us),
    totals: noTotals,
    errorCode: null,
    node: null,
    flight: one,
    flying: ended === null ? 1 : 0,
    depth: 0,
    children: [],
  };
}

/** Without recursion: a chain of 10,000 steps must not exhaust the stack. */
function inOrder(roots: Step[]): Step[] {
  const order: Step[] = [];
  const stack = [...roots].reverse();
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    order.push(step);
    for (const child of [...step.children].reverse()) {
      child.depth = step.depth + 1;
      // A tool that says nothing of its agent was used by the one it hangs under.
      child.agent ??= step.agent;
      stack.push(child);
    }
  }
  return order;
}

/** Rows in reading order, without what is folded away. */
export function visibleSteps(tree: RunTree, folded: ReadonlySet<string>): Step[] {
  const rows: Step[] = [];
  let below = Infinity;
  for (const step of tree.steps) {
    if (step.depth > below) continue;
    below = folded.has(step.id) ? step.depth : Infinity;
    rows.push(step);
  }
  return rows;
}

/** Only work has a place in a lane: a crew or a task spans everything and would say nothing. */
export function isWork(step: Step): boolean {
  if (step.kind === "call") return true;
  return step.kind === "span" && (step.spanType === "tool" || step.children.length === 0);
}
