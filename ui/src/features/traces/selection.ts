import { useSearchParams } from "react-router";
import type { RunTree, Step } from "./run-tree";

export const traceViews = ["tree", "lanes", "graph"] as const;
export type TraceViewName = (typeof traceViews)[number];

/** What is looked at on a trace's page; it stands in the URL, so that a link shows the same. */
export interface TraceSelection {
  view: TraceViewName;
  setView: (view: TraceViewName) => void;
  /** The chosen step; null when there is none, or only an agent. */
  step: Step | null;
  /** Key of the agent that stands out in every view: the chosen one, or the one of the chosen step. */
  agent: string | null;
  selectStep: (step: Step) => void;
  selectAgent: (agent: string) => void;
  clear: () => void;
}

export function useTraceSelection(tree: RunTree): TraceSelection {
  const [params, setParams] = useSearchParams();
  const view = traceViews.find((one) => one === params.get("view")) ?? "tree";
  const step = selectedStep(tree, params);
  const set = (next: Record<string, string>) => setParams(placeParams(view, next), { replace: true });
  return {
    view,
    setView: (next) => setParams(placeParams(next, keptOf(params)), { replace: true }),
    step,
    agent: params.get("agent") ?? step?.agent ?? null,
    selectStep: (chosen) => set(paramsOfStep(chosen)),
    selectAgent: (agent) => set({ agent }),
    clear: () => set({}),
  };
}

const names = ["span", "node", "agent"] as const;

function keptOf(params: URLSearchParams): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (params.get(name) === null ? [] : [[name, params.get(name) ?? ""]])));
}

/** The tree is what a link without a view shows. */
function placeParams(view: TraceViewName, rest: Record<string, string>): URLSearchParams {
  return new URLSearchParams({ ...(view === "tree" ? {} : { view }), ...rest });
}

/** A step that has a span keeps its address when it ends and its record comes. */
export function paramsOfStep(step: Step): Record<string, string> {
  const agent: Record<string, string> = step.kind === "agent" && step.agent !== null ? { agent: step.agent } : {};
  return { ...(step.spanId === null ? { node: step.id } : { span: step.spanId }), ...agent };
}

export function selectedStep(tree: RunTree, params: URLSearchParams): Step | null {
  const span = params.get("span");
  const node = params.get("node");
  const agent = params.get("agent");
  if (span !== null) {
    // A call and its only attempt have spans of their own; what names the attempt means the call when it is not shown.
    const found = tree.steps.find((step) => step.spanId === span);
    if (found !== undefined) return found;
  }
  if (node !== null) return tree.steps.find((step) => step.id === node) ?? null;
  return agent === null ? null : (tree.steps.find((step) => step.kind === "agent" && step.agent === agent) ?? null);
}
