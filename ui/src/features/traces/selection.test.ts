import { expect, test } from "vitest";
import { buildRunTree } from "./run-tree";
import { paramsOfStep, selectedStep } from "./selection";
import { crewRun, flying } from "./testing/run-fixture";

const tree = buildRunTree(crewRun(), []);
const chosen = (text: string) => selectedStep(tree, new URLSearchParams(text))?.id ?? null;

test("a step is found again by its span, its node, or the first branch of its agent", () => {
  expect(chosen("span=s-3")).toBe("c:3");
  expect(chosen("node=t:1")).toBe("t:1");
  expect(chosen("agent=r")).toBe("a:r");
  expect(chosen("span=gone&node=t:1")).toBe("t:1");
  expect(chosen("node=gone")).toBeNull();
  expect(chosen("")).toBeNull();
});

test("a call in flight keeps its address when its record comes", () => {
  const before = buildRunTree(crewRun(), [flying("9", 1_200, { agent: "Manager" })]);
  const step = before.steps.find((one) => one.callId === "9");
  expect(step === undefined ? null : paramsOfStep(step)).toEqual({ span: "s-9" });
});

test("the branch of an agent is chosen together with the agent", () => {
  const step = tree.steps.find((one) => one.id === "a:r");
  expect(step === undefined ? null : paramsOfStep(step)).toEqual({ node: "a:r", agent: "r" });
});
