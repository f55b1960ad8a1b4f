import { AgentChip } from "@/components/agent-chip";
import { FoundMark } from "@/components/found-mark";
import { useT } from "@/i18n/i18n";
import { isHinted } from "@/lib/found";
import { cn } from "@/lib/utils";
import type { Look } from "./look";

interface AgentLabelProps {
  look: Look | undefined;
  chosen: boolean;
  onAgent: (agent: string) => void;
  className?: string;
}

/** An agent's name that chooses the agent in every view, with the mark of how it is known. */
export function AgentLabel({ look, chosen, onAgent, className }: AgentLabelProps) {
  const t = useT();
  if (look === undefined) return <AgentChip name={null} fallback={t("trace.noAgent")} className={cn("text-sm", className)} />;
  return (
    <FoundMark found={look.speaker.found} field="agent" className={cn("text-sm", className)}>
      <button type="button" aria-pressed={chosen} onClick={() => onAgent(look.key)} className="flex h-6 min-w-0 items-center rounded-sm hover:underline">
        <AgentChip name={look.name} seed={look.seed} fallback={look.label} inferred={isHinted(look.speaker.found)} className={cn(chosen && "font-medium")} />
      </button>
    </FoundMark>
  );
}
