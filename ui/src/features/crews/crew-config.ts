/** The parts of a crew's definition that its page shows, read leniently: what does not fit is left out. */
export interface CrewPlan {
  agents: { name: string; role: string; goal: string; model: string; tools: string[] }[];
  tasks: { name: string; agent: string; description: string }[];
  inputs: Record<string, string>;
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function readPlan(config: unknown): CrewPlan {
  const raw = typeof config === "object" && config !== null ? (config as Record<string, unknown>) : {};
  const inputs = typeof raw.inputs === "object" && raw.inputs !== null ? raw.inputs : {};
  return {
    agents: records(raw.agents).map((agent) => ({
      name: text(agent.name) || text(agent.role),
      role: text(agent.role),
      goal: text(agent.goal),
      model: typeof agent.llm === "object" && agent.llm !== null && "model" in agent.llm ? text(agent.llm.model) : text(agent.llm),
      tools: Array.isArray(agent.tools) ? agent.tools.map(text).filter((one) => one !== "") : [],
    })),
    tasks: records(raw.tasks).map((task, index) => ({ name: text(task.name) || `task_${String(index + 1)}`, agent: text(task.agent), description: text(task.description) })),
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])),
  };
}
