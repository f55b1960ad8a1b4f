import type { Part, Target } from "@/features/corrections/correction";
import type { Look } from "./look";
import type { RunTree } from "./run-tree";

/** Agents that another can be merged into: those with a name that have calls of their own. */
export function targetsOf(looks: ReadonlyMap<string, Look>): Target[] {
  return [...looks.values()].flatMap((look) => (look.name !== null && look.speaker.fingerprints.length > 0 ? [{ key: look.key, name: look.name }] : []));
}

/** The conversations of an agent in this run, each by what was asked in it. One alone sets nothing apart. */
export function conversationsOf(tree: RunTree, agent: string): Part[] {
  const parts = new Map<string, Part>();
  for (const step of tree.steps) {
    const conversation = step.node?.conversation ?? null;
    if (step.agent !== agent || conversation === null || step.internal !== null || parts.has(conversation)) continue;
    parts.set(conversation, { by: "conversation", id: conversation, label: step.kind === "task" && step.name !== "" ? step.name : conversation });
  }
  return parts.size > 1 ? [...parts.values()] : [];
}
