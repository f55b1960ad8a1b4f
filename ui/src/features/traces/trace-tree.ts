import type { Span } from "@/api/types";
import { addDecimals } from "@/lib/decimal";
import { millis } from "@/lib/format";

/** Sums of a span and everything under it. Only LLM calls count, so that an attempt is never counted with its call. */
export interface Rollup {
  calls: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  /** Decimal text in US dollars. */
  cost: string;
  /** Calls whose cost is unknown and so not in `cost`. */
  unknownCosts: number;
}

export interface TraceNode {
  span: Span;
  depth: number;
  children: TraceNode[];
  /** Milliseconds since the start of the trace. */
  startMs: number;
  /** Null while it runs. */
  endMs: number | null;
  rollup: Rollup;
}

export interface TraceTree {
  roots: TraceNode[];
  /** Unix milliseconds. */
  startedAt: number;
  /** End of the last finished span, in milliseconds since the start. */
  lengthMs: number;
  running: boolean;
  /** In the order they first appear. */
  agents: string[];
}

/** Joins spans by their parents. A span whose parent is not here becomes a root, so that nothing is lost. */
export function buildTree(spans: readonly Span[]): TraceTree {
  const startedAt = spans.reduce((least, span) => Math.min(least, Date.parse(span.started_at)), Infinity);
  const nodes = new Map<string, TraceNode>();
  for (const span of spans) nodes.set(span.span_id, makeNode(span, startedAt));
  const roots: TraceNode[] = [];
  for (const node of nodes.values()) {
    const above = nodes.get(node.span.parent_span_id ?? "");
    if (above === undefined || above === node) roots.push(node);
    else above.children.push(node);
  }
  openCircles(roots, nodes);
  sortAndSum(roots);
  const all = [...nodes.values()];
  return {
    roots,
    startedAt: Number.isFinite(startedAt) ? startedAt : 0,
    lengthMs: all.reduce((most, node) => Math.max(most, node.endMs ?? node.startMs), 1),
    running: all.some((node) => node.endMs === null),
    agents: [...new Set(all.filter(isWork).sort(byStart).map((node) => node.span.agent ?? ""))],
  };
}

/** Only work has a place in a lane: a crew or a task spans everything and would say nothing. */
export function isWork(node: TraceNode): boolean {
  const type = node.span.span_type;
  return type === "llm_call" || type === "tool" || (node.children.length === 0 && type !== "attempt");
}

/** The sums of a whole trace, from the steps that are shown, so that head and tree never disagree. */
export function sumTrace(spans: readonly Span[]): Rollup {
  const nothing: Rollup = { calls: 0, errors: 0, inputTokens: 0, outputTokens: 0, cost: "0", unknownCosts: 0 };
  return spans.map((span) => makeNode(span, 0).rollup).reduce(addRollups, nothing);
}

function makeNode(span: Span, startedAt: number): TraceNode {
  const startMs = Date.parse(span.started_at) - startedAt;
  const running = span.status === "running" || span.ended_at === null || span.ended_at === undefined;
  const call = span.span_type === "llm_call";
  const costKnown = span.cost !== null && span.cost !== undefined;
  return {
    span,
    depth: 0,
    children: [],
    startMs,
    // Microseconds of the duration are finer than the two times.
    endMs: running ? null : startMs + (millis(span.duration_us) ?? 0),
    rollup: {
      calls: call ? 1 : 0,
      errors: call && span.status === "failed" ? 1 : 0,
      inputTokens: call ? span.input_tokens : 0,
      outputTokens: call ? span.output_tokens : 0,
      cost: call && costKnown ? (span.cost ?? "0") : "0",
      unknownCosts: call && !costKnown && span.status !== "running" ? 1 : 0,
    },
  };
}

/** Spans that are each other's parents, which only broken input makes, hang under no root: the first of each circle becomes one. */
function openCircles(roots: TraceNode[], nodes: Map<string, TraceNode>): void {
  const reached = new Set<TraceNode>();
  const reach = (root: TraceNode) => {
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (reached.has(node)) continue;
      reached.add(node);
      stack.push(...node.children);
    }
  };
  roots.forEach(reach);
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    const above = nodes.get(node.span.parent_span_id ?? "");
    if (above !== undefined) above.children = above.children.filter((child) => child !== node);
    roots.push(node);
    reach(node);
  }
}

function byStart(a: TraceNode, b: TraceNode): number {
  return a.startMs - b.startMs || (a.span.span_id < b.span.span_id ? -1 : 1);
}

/** Without recursion: a chain of 10,000 spans must not exhaust the stack. */
function sortAndSum(roots: TraceNode[]): void {
  roots.sort(byStart);
  const order: TraceNode[] = [];
  const stack = [...roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order.push(node);
    node.children.sort(byStart);
    for (const child of node.children) {
      child.depth = node.depth + 1;
      stack.push(child);
    }
  }
  for (const node of order.reverse()) {
    for (const child of node.children) node.rollup = addRollups(node.rollup, child.rollup);
  }
}

function addRollups(a: Rollup, b: Rollup): Rollup {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cost: addDecimals(a.cost, b.cost),
    unknownCosts: a.unknownCosts + b.unknownCosts,
  };
}

/** Rows in reading order. A call's only attempt says nothing its call does not, and is left out. */
export function visibleNodes(roots: readonly TraceNode[], folded: ReadonlySet<string>): TraceNode[] {
  const rows: TraceNode[] = [];
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    rows.push(node);
    if (folded.has(node.span.span_id)) continue;
    for (const child of shownChildren(node).reverse()) stack.push(child);
  }
  return rows;
}

export function shownChildren(node: TraceNode): TraceNode[] {
  const attempts = node.children.filter((child) => child.span.span_type === "attempt").length;
  return node.children.filter((child) => child.span.span_type !== "attempt" || attempts > 1);
}

export interface Handover {
  fromAgent: string;
  toAgent: string;
  /** Milliseconds since the start of the trace. */
  atMs: number;
}

/** Where one agent's last work ended and another's first began after it. */
export function handovers(tree: TraceTree): Handover[] {
  const steps: TraceNode[] = [];
  const stack = [...tree.roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.span.span_type === "agent") steps.push(node);
    stack.push(...node.children);
  }
  steps.sort(byStart);
  const found: Handover[] = [];
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    const from = before?.span.agent ?? "";
    const to = step.span.agent ?? "";
    if (before !== undefined && from !== to) found.push({ fromAgent: from, toAgent: to, atMs: step.startMs });
  });
  return found;
}
