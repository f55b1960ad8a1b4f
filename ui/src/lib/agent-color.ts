/** How many colors there are for agents; `--agent-0` to `--agent-11` in tokens.css. */
export const AGENT_COLORS = 12;

/** FNV-1a, 32 bits: small, stable, the same on every page and every visit. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  // The low bits of FNV-1a are weak for short names; fold the high ones in.
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** The color an agent keeps everywhere. No agent known: a grey. */
export function agentColor(agent: string | null | undefined): string {
  if (agent === null || agent === undefined || agent === "") return "var(--agent-none)";
  return `var(--agent-${String(stableHash(agent.trim().toLowerCase()) % AGENT_COLORS)})`;
}

const agentShapes = ["square", "circle", "diamond"] as const;
export type AgentShape = (typeof agentShapes)[number];

/** The form of an agent's mark: tells two agents apart whose colors happen to be the same. */
export function agentShape(agent: string | null | undefined): AgentShape {
  if (agent === null || agent === undefined || agent === "") return "square";
  return agentShapes[(stableHash(agent.trim().toLowerCase()) >>> 8) % agentShapes.length] ?? "square";
}
