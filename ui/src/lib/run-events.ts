/** The events of a run as `GET /api/executions/{id}/stream` sends them. Durations are seconds; money is decimal text, null when unknown. */
export type RunEvent =
  | { event: "execution_started"; data: { execution_id: string; crew_id: string | null; started_at: string } }
  | { event: "task_started"; data: { task_name: string; agent_name: string; started_at: string } }
  | { event: "agent_started"; data: { agent_name: string; task_name: string } }
  | { event: "handover"; data: { from_agent: string; to_agent: string; task_name: string } }
  | { event: "llm_started"; data: { agent_name: string; task_name: string; model: string; call: number } }
  | { event: "token"; data: { agent_name: string; task_name: string; call: number; text: string } }
  | {
      event: "llm_call";
      data: {
        model: string;
        input_tokens: number;
        output_tokens: number;
        duration: number;
        cost: string | null;
        agent_name: string;
        task_name: string;
        call: number;
        call_id: string | null;
        error: string | null;
      };
    }
  | { event: "tool_call"; data: { tool_name: string; inputs: unknown; outputs: unknown; duration: number; agent_name: string; task_name: string; failed: boolean } }
  | { event: "agent_completed"; data: { agent_name: string; output: string; duration: number; tokens: number; task_name: string } }
  | { event: "task_completed"; data: { task_name: string; output: string; duration: number; agent_name: string } }
  | { event: "log"; data: { level: string; message: string; timestamp: string } }
  | { event: "error"; data: { error_type: string; message: string; stack_trace: string } }
  | {
      event: "execution_completed";
      data: { execution_id: string; status: "completed" | "failed" | "cancelled"; outputs: unknown; total_duration: number; total_cost: string | null; input_tokens: number; output_tokens: number };
    };

const names: readonly string[] = [
  "execution_started",
  "task_started",
  "agent_started",
  "handover",
  "llm_started",
  "token",
  "llm_call",
  "tool_call",
  "agent_completed",
  "task_completed",
  "log",
  "error",
  "execution_completed",
] satisfies RunEvent["event"][];

/** Reads one event; a name of a newer platform is skipped. */
export function readRunEvent(event: string, data: string): RunEvent | null {
  if (!names.includes(event)) return null;
  try {
    return { event, data: JSON.parse(data) as unknown } as RunEvent;
  } catch {
    return null;
  }
}
