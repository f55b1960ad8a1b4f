import { expect, test } from "vitest";
import { buildRunTree, isWork, visibleSteps } from "./run-tree";
import { attempt, call, crewRun, flying, node, run, speaker, START } from "./testing/run-fixture";

const none = new Set<string>();
const ids = (steps: readonly { id: string }[]) => steps.map((step) => step.id);

test("the platform's tree keeps its order and sums, and times count from the start", () => {
  const tree = buildRunTree(crewRun(), []);
  expect(ids(tree.steps)).toEqual(["run", "a:m", "c:1", "a:r", "t:p", "c:2", "t:1", "c:3", "c:4"]);
  expect(tree.steps.map((step) => step.depth)).toEqual([0, 1, 2, 2, 3, 4, 3, 4, 2]);
  expect(tree.roots[0]?.totals.cost).toBe("0.4");
  expect(tree.startedAt).toBe(START);
  expect(tree.lengthMs).toBe(1_000);
  expect(tree.running).toBe(false);
});

test("a folded branch hides all below it and nothing beside it", () => {
  const tree = buildRunTree(crewRun(), []);
  expect(ids(visibleSteps(tree, new Set(["a:r"])))).toEqual(["run", "a:m", "c:1", "a:r", "c:4"]);
  expect(visibleSteps(tree, none)).toHaveLength(9);
  expect(ids(visibleSteps(tree, new Set(["run"])))).toEqual(["run"]);
});

test("a call's only attempt is left out, several are shown below it", () => {
  const nodes = [node("run", null, "run", 0, 9), call("1", "run", "a", 0, 9)];
  const one = buildRunTree(run(nodes, [], { spans: [attempt("t1", "1", 0, 9)] }), []);
  expect(ids(one.steps)).toEqual(["run", "c:1"]);
  const two = buildRunTree(run(nodes, [], { spans: [attempt("t1", "1", 0, 3), attempt("t2", "1", 4, 9, { status: "completed" })] }), []);
  expect(ids(two.steps)).toEqual(["run", "c:1", "try:t1", "try:t2"]);
  expect(two.steps[3]?.totals.calls).toBe(0);
});

test("a node whose parent never came is a root, so that nothing is lost", () => {
  const tree = buildRunTree(run([node("run", null, "run", 0, 9), call("1", "gone", "a", 1, 5)], []), []);
  expect(ids(tree.roots)).toEqual(["run", "c:1"]);
});

test("a call in flight hangs under the last branch of its agent and keeps the branches above open", () => {
  const tree = buildRunTree(crewRun(), [flying("5", 1_200, { agent: "Manager" })]);
  const step = tree.steps.find((one) => one.callId === "5");
  expect(step).toMatchObject({ depth: 2, agent: "m", endMs: null, status: "running" });
  expect(tree.running).toBe(true);
  expect(tree.steps.filter((one) => one.flying > 0).map((one) => one.id)).toEqual(["run", "a:m", "flying:5"]);
  expect(tree.roots[0]?.endMs).toBeNull();
});

test("a call in flight of an agent nobody saw gets a branch of its own, one for all its calls", () => {
  const tree = buildRunTree(crewRun(), [flying("5", 1_200, { agent: "Writer" }), flying("6", 1_300, { agent: "Writer" })]);
  const branches = tree.steps.filter((one) => one.kind === "agent" && one.agent === "flying:Writer");
  expect(branches).toHaveLength(1);
  expect(branches[0]?.flying).toBe(2);
  expect(tree.speakers.map((one) => one.name)).toEqual(["Manager", null, "Writer"]);
});

test("a call in flight goes to the task it states", () => {
  const record = run([node("run", null, "run", 0, null), node("a:w", "run", "agent", 0, null, { agent: "w" }), node("t:1", "a:w", "task", 0, null, { name: "Write", agent: "w" })], [speaker("w", "Writer")]);
  const tree = buildRunTree(record, [flying("5", 10, { agent: "Writer", task: "Write" })]);
  expect(tree.steps.find((one) => one.callId === "5")?.depth).toBe(3);
});

test("a call that is on record already is shown once", () => {
  const tree = buildRunTree(crewRun(), [flying("4", 700, { agent: "Manager" }, { status: "ok", atMs: START + 1_000 })]);
  expect(tree.steps.filter((one) => one.callId === "4")).toHaveLength(1);
  expect(tree.running).toBe(false);
});

test("a call that ended and is not on record yet closes its branch again", () => {
  const tree = buildRunTree(crewRun(), [flying("5", 1_200, { agent: "Manager" }, { status: "ok", atMs: START + 1_500 })]);
  expect(tree.running).toBe(false);
  expect(tree.lengthMs).toBe(1_500);
});

test("a run of which nothing is on record yet is made of what is in flight", () => {
  const tree = buildRunTree(null, [flying("2", 50, { agent: "B" }), flying("1", 0, { agent: "A" })]);
  expect(tree.startedAt).toBe(START);
  expect(tree.steps.map((step) => [step.kind, step.depth])).toEqual([["run", 0], ["agent", 1], ["call", 2], ["agent", 1], ["call", 2]]);
  expect(buildRunTree(null, []).steps).toEqual([]);
});

test("hand-overs keep their agents, times and calls", () => {
  const tree = buildRunTree(crewRun(), []);
  expect(tree.passings[0]).toEqual({ from: "m", to: "r", atMs: 200, fromCall: "1", toCall: "3" });
});

test("only work has a place in a lane", () => {
  const tree = buildRunTree(crewRun(), []);
  expect(ids(tree.steps.filter(isWork))).toEqual(["c:1", "c:2", "c:3", "c:4"]);
});

test("a tool that says nothing of its agent was used by the one it hangs under", () => {
  const record = run([node("run", null, "run", 0, 9), node("a:w", "run", "agent", 0, 9, { agent: "w" }), node("s:1", "a:w", "span", 1, 2, { span_type: "tool" }), node("s:2", "run", "span", 3, 4, { span_type: "tool" })], [speaker("w", "Writer")]);
  expect(buildRunTree(record, []).steps.map((step) => step.agent)).toEqual([null, "w", "w", null]);
});

test("10,000 steps in one chain do not exhaust the stack", () => {
  const chain = Array.from({ length: 10_000 }, (_, n) => node(`n${String(n)}`, n === 0 ? null : `n${String(n - 1)}`, n === 0 ? "run" : "span", n, 20_000 - n));
  const tree = buildRunTree(run(chain, []), [flying("1", 5, { agent: "A" })]);
  expect(visibleSteps(tree, none)).toHaveLength(10_002);
  expect(tree.steps.at(-1)?.depth).toBeLessThan(10_001);
});
