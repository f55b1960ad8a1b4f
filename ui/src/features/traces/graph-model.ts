import { MarkerType, type Edge, type Node } from "@xyflow/react";
import type { Found, GraphEdge, Speaker } from "@/api/types";
import { layoutGraph } from "./graph-layout";
import type { Look } from "./look";

export const NODE_WIDTH = 228;
export const NODE_HEIGHT = 92;
const GAP_X = 116;
const GAP_Y = 36;

export interface AgentNodeData extends Record<string, unknown> {
  look: Look;
  /** Calls in flight. */
  flying: number;
  chosen: boolean;
  faded: boolean;
  onAgent: (agent: string) => void;
}

export interface PassEdgeData extends Record<string, unknown> {
  from: Look;
  to: Look;
  count: number;
  parts: readonly GraphEdge[];
  /** Leads back to an earlier layer. */
  back: boolean;
  faded: boolean;
}

export type AgentFlowNode = Node<AgentNodeData, "agent">;
export type PassFlowEdge = Edge<PassEdgeData, "pass">;

interface GraphInput {
  speakers: readonly Speaker[];
  edges: readonly GraphEdge[];
  looks: ReadonlyMap<string, Look>;
  /** Calls in flight by agent. */
  flying: ReadonlyMap<string, number>;
  agent: string | null;
  onAgent: (agent: string) => void;
}

/** Agents at their places, and one arrow for all hand-overs between two of them. */
export function graphModel({ speakers, edges, looks, flying, agent, onAgent }: GraphInput): { nodes: AgentFlowNode[]; edges: PassFlowEdge[] } {
  const known = speakers.flatMap((speaker) => looks.get(speaker.agent) ?? []);
  const places = layoutGraph(known.map((look) => look.key), edges);
  const near = new Set(edges.filter((edge) => edge.from === agent || edge.to === agent).flatMap((edge) => [edge.from, edge.to]));
  const nodes = known.map((look): AgentFlowNode => {
    const place = places.get(look.key) ?? { layer: 0, row: 0 };
    const faded = agent !== null && look.key !== agent && !near.has(look.key);
    return {
      id: look.key,
      type: "agent",
      position: { x: place.layer * (NODE_WIDTH + GAP_X), y: place.row * (NODE_HEIGHT + GAP_Y) },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      data: { look, flying: flying.get(look.key) ?? 0, chosen: look.key === agent, faded, onAgent },
    };
  });
  return { nodes, edges: joinEdges(edges).flatMap((parts) => arrow(parts, looks, places, agent)) };
}

/** Hand-overs between the same two, however they were made, are one arrow. */
function joinEdges(edges: readonly GraphEdge[]): GraphEdge[][] {
  const pairs = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const pair = `${edge.from}>${edge.to}`;
    pairs.set(pair, [...(pairs.get(pair) ?? []), edge]);
  }
  return [...pairs.values()];
}

function arrow(parts: readonly GraphEdge[], looks: ReadonlyMap<string, Look>, places: ReadonlyMap<string, { layer: number }>, agent: string | null): PassFlowEdge[] {
  const [first] = parts;
  const from = looks.get(first?.from ?? "");
  const to = looks.get(first?.to ?? "");
  if (from === undefined || to === undefined) return [];
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const back = (places.get(to.key)?.layer ?? 0) <= (places.get(from.key)?.layer ?? 0);
  const faded = agent !== null && from.key !== agent && to.key !== agent;
  const inferred = parts.every((part) => part.found.every((found) => found.source === "inferred"));
  return [
    {
      id: `${from.key}>${to.key}`,
      type: "pass",
      source: from.key,
      target: to.key,
      sourceHandle: back ? "back-out" : "out",
      targetHandle: back ? "back-in" : "in",
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--muted-foreground)" },
      style: { stroke: "var(--muted-foreground)", strokeWidth: 1 + Math.min(3, Math.log2(count)), opacity: faded ? 0.25 : 1, ...(inferred ? { strokeDasharray: "5 4" } : {}) },
      data: { from, to, count, parts, back, faded },
    },
  ];
}

/** The surest way in which one of several hand-overs became known. */
export function surest(founds: readonly Found[]): Found | undefined {
  return [...founds].sort((a, b) => b.confidence - a.confidence)[0];
}
