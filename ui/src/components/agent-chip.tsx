import { agentColor, agentShape, type AgentShape } from "@/lib/agent-color";
import { cn } from "@/lib/utils";

interface AgentChipProps {
  name: string | null | undefined;
  /** What its color is made from, where that is not the name: an agent nobody named keeps the color of its key. */
  seed?: string | null | undefined;
  /** The name was worked out and not said: it is drawn dashed. */
  inferred?: boolean;
  className?: string;
  fallback?: string;
}

/** An agent's name with the color it has on every page. */
export function AgentChip({ name, seed = name, inferred = false, className, fallback = "–" }: AgentChipProps) {
  const known = name !== null && name !== undefined && name !== "";
  return (
    <span className={cn("inline-flex max-w-full min-w-0 items-center gap-1.5", className)}>
      {seed !== null && seed !== undefined && seed !== "" && <AgentMark name={seed} dashed={inferred} />}
      <span className={cn("truncate", !known && "text-faint", inferred && "underline decoration-dotted decoration-1 underline-offset-3")}>{known ? name : fallback}</span>
    </span>
  );
}

const shapes: Record<AgentShape, string> = { square: "rounded-[2px]", circle: "rounded-full", diamond: "rotate-45 scale-90 rounded-[1px]" };

export function AgentMark({ name, dashed = false }: { name: string | null | undefined; dashed?: boolean }) {
  const color = agentColor(name);
  return (
    <span
      aria-hidden
      className={cn("size-2 shrink-0", shapes[agentShape(name)], dashed && "border border-dashed")}
      style={dashed ? { borderColor: color } : { backgroundColor: color }}
    />
  );
}
