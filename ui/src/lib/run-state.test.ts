import { expect, test } from "vitest";
import { readRunEvent, type RunEvent } from "./run-events";
import { applyRunEvent, emptyRun } from "./run-state";

const agent = { agent_name: "Researcher", task_name: "research" };
const events: RunEvent[] = [
  { event: "execution_started", data: { execution_id: "e", crew_id: null, started_at: "2026-11-21T00:00:00Z" } },
  { event: "task_started", data: { ...agent, started_at: "2026-11-21T00:00:00Z" } },
  { event: "llm_started", data: { ...agent, model: "sim-crew", call: 1 } },
  { event: "token", data: { ...agent, call: 1, text: "Half" } },
  { event: "token", data: { ...agent, call: 1, text: " done" } },
  { event: "llm_call", data: { ...agent, model: "sim-crew", input_tokens: 3, output_tokens: 2, duration: 0.5, cost: null, call: 1, call_id: "c", error: null } },
  { event: "tool_call", data: { ...agent, tool_name: "calculator", inputs: {}, outputs: "4", duration: 0.01, failed: false } },
  { event: "task_completed", data: { ...agent, output: "Half done", duration: 1.5 } },
  { event: "handover", data: { from_agent: "Researcher", to_agent: "Writer", task_name: "report" } },
];

test("a run is told task by task", () => {
  const run = events.reduce(applyRunEvent, emptyRun);
  expect(run.status).toBe("running");
  expect(run.tasks.map((task) => [task.name, task.agent, task.from])).toEqual([
    ["research", "Researcher", null],
    ["report", "Writer", "Researcher"],
  ]);
  const [call, tool] = run.tasks[0]?.steps ?? [];
  expect(call).toMatchObject({ kind: "call", text: "Half done", done: { durationMs: 500, cost: null } });
  expect(tool).toMatchObject({ kind: "tool", name: "calculator", outputs: "4" });
  expect(run.tasks[0]?.durationMs).toBe(1_500);
});

test("a task that begins anew after an interruption forgets its unfinished steps", () => {
  const run = [...events.slice(0, 4), ...events.slice(1, 3)].reduce(applyRunEvent, emptyRun);
  expect(run.tasks).toHaveLength(1);
  expect(run.tasks[0]?.steps).toEqual([{ kind: "call", call: 1, model: "sim-crew", text: "", done: null }]);
});

test("the end carries the totals, unknown cost stays unknown", () => {
  const end: RunEvent = { event: "execution_completed", data: { execution_id: "e", status: "failed", outputs: null, total_duration: 2, total_cost: null, input_tokens: 3, output_tokens: 2 } };
  const run = applyRunEvent(emptyRun, end);
  expect(run.status).toBe("failed");
  expect(run.totals).toEqual({ durationMs: 2_000, cost: null, inputTokens: 3, outputTokens: 2 });
});

test("no event changes the state it was given", () => {
  const before = JSON.stringify(emptyRun);
  events.reduce(applyRunEvent, emptyRun);
  expect(JSON.stringify(emptyRun)).toBe(before);
});

test("events of a newer platform and broken data are skipped", () => {
  expect(readRunEvent("guardrail", "{}")).toBeNull();
  expect(readRunEvent("log", "not json")).toBeNull();
  expect(readRunEvent("log", '{"level":"info"}')).toEqual({ event: "log", data: { level: "info" } });
});
