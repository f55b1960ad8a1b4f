import type { RunEvent } from "./run-events";

export interface RunCall {
  kind: "call";
  call: number;
  model: string;
  /** Text streamed so far. */
  text: string;
  /** Absent while it runs. */
  done: { inputTokens: number; outputTokens: number; durationMs: number; cost: string | null; callId: string | null; error: string | null } | null;
}

export interface RunTool {
  kind: "tool";
  name: string;
  inputs: unknown;
  outputs: unknown;
  durationMs: number;
  failed: boolean;
}

export interface RunTask {
  name: string;
  agent: string;
  /** Who handed the work over. */
  from: string | null;
  startedAt: string;
  steps: (RunCall | RunTool)[];
  output: string | null;
  durationMs: number | null;
}

export interface RunLine {
  level: string;
  message: string;
  timestamp: string | null;
}

/** What is known of a run from its events so far. */
export interface RunState {
  status: "pending" | "running" | "completed" | "failed" | "cancelled";
  startedAt: string | null;
  tasks: RunTask[];
  lines: RunLine[];
  error: { type: string; message: string; stack: string } | null;
  totals: { durationMs: number; cost: string | null; inputTokens: number; outputTokens: number } | null;
}

export const emptyRun: RunState = { status: "pending", startedAt: null, tasks: [], lines: [], error: null, totals: null };

/** The state after one more event. Never changes the state it is given. */
export function applyRunEvent(state: RunState, { event, data }: RunEvent): RunState {
  switch (event) {
    case "execution_started":
      return { ...state, status: "running", startedAt: data.started_at };
    case "handover":
      return { ...state, tasks: withTask(state.tasks, data.task_name, (task) => ({ ...task, agent: data.to_agent, from: data.from_agent })) };
    case "task_started":
      // A run that was interrupted begins its unfinished task anew.
      return { ...state, tasks: withTask(state.tasks, data.task_name, (task) => ({ ...task, agent: data.agent_name, startedAt: data.started_at, steps: [], output: null })) };
    case "agent_started":
      return state;
    case "llm_started":
      return onTask(state, data.task_name, (task) => ({ ...task, steps: [...task.steps, { kind: "call", call: data.call, model: data.model, text: "", done: null }] }));
    case "token":
      return onCall(state, data.task_name, data.call, (call) => ({ ...call, text: call.text + data.text }));
    case "llm_call":
      return onCall(state, data.task_name, data.call, (call) => ({
        ...call,
        done: { inputTokens: data.input_tokens, outputTokens: data.output_tokens, durationMs: data.duration * 1_000, cost: data.cost, callId: data.call_id, error: data.error },
      }));
    case "tool_call":
      return onTask(state, data.task_name, (task) => ({
        ...task,
        steps: [...task.steps, { kind: "tool", name: data.tool_name, inputs: data.inputs, outputs: data.outputs, durationMs: data.duration * 1_000, failed: data.failed }],
      }));
    case "agent_completed":
      return state;
    case "task_completed":
      return onTask(state, data.task_name, (task) => ({ ...task, output: data.output, durationMs: data.duration * 1_000 }));
    case "log":
      return { ...state, lines: [...state.lines, { level: data.level, message: data.message, timestamp: data.timestamp }] };
    case "error":
      return {
        ...state,
        error: { type: data.error_type, message: data.message, stack: data.stack_trace },
        lines: [...state.lines, { level: "error", message: data.message, timestamp: null }],
      };
    case "execution_completed":
      return {
        ...state,
        status: data.status,
        totals: { durationMs: data.total_duration * 1_000, cost: data.total_cost, inputTokens: data.input_tokens, outputTokens: data.output_tokens },
      };
  }
}

function withTask(tasks: readonly RunTask[], name: string, change: (task: RunTask) => RunTask): RunTask[] {
  if (tasks.some((task) => task.name === name)) return tasks.map((task) => (task.name === name ? change(task) : task));
  return [...tasks, change({ name, agent: "", from: null, startedAt: "", steps: [], output: null, durationMs: null })];
}

function onTask(state: RunState, name: string, change: (task: RunTask) => RunTask): RunState {
  return { ...state, tasks: withTask(state.tasks, name, change) };
}

/** A call's events name it by task and number; one whose start was not seen is made. */
function onCall(state: RunState, task: string, call: number, change: (call: RunCall) => RunCall): RunState {
  return onTask(state, task, (found) => {
    const known = found.steps.some((step) => step.kind === "call" && step.call === call);
    const steps = known ? found.steps : [...found.steps, { kind: "call" as const, call, model: "", text: "", done: null }];
    return { ...found, steps: steps.map((step) => (step.kind === "call" && step.call === call ? change(step) : step)) };
  });
}
