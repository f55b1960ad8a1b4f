import { expect, test } from "vitest";
import type { GraphEdge } from "@/api/types";
import { translate } from "@/i18n/i18n";
import { graphModel } from "./graph-model";
import { looksOf } from "./look";
import { passedBetween } from "./passed";
import { buildRunTree } from "./run-tree";
import { crewRun, inferred, speaker, stated } from "./testing/run-fixture";

const t = (key: Parameters<typeof translate>[1]) => translate("en", key);
const speakers = [speaker("m", "Manager"), speaker("r", "Researcher"), speaker("w", null)];
const edge = (from: string, to: string, count: number, more: Partial<GraphEdge> = {}): GraphEdge => ({ from, to, count, passing: "delegate", confidence: 0.9, first_at: "", last_at: "", found: [inferred("tool")], ...more });
const model = (edges: GraphEdge[], agent: string | null = null) => graphModel({ speakers, edges, looks: looksOf(speakers, t), flying: new Map([["r", 2]]), agent, onAgent: () => undefined });

test("hand-overs between the same two are one arrow with all of them counted", () => {
  const { edges } = model([edge("m", "r", 3), edge("m", "r", 2, { passing: "transfer" }), edge("r", "m", 1)]);
  expect(edges.map((one) => [one.id, one.data?.count, one.data?.back])).toEqual([["m>r", 5, false], ["r>m", 1, true]]);
});

test("what nobody stated is dashed, what someone stated is not", () => {
  const { edges } = model([edge("m", "r", 1), edge("m", "w", 1, { found: [inferred("tool"), stated] })]);
  expect(edges.map((one) => one.style?.strokeDasharray ?? "")).toEqual(["5 4", ""]);
});

test("the chosen agent and those it works with stand out", () => {
  const { nodes } = model([edge("m", "r", 1)], "m");
  expect(nodes.map((one) => [one.id, one.data.chosen, one.data.faded, one.data.flying])).toEqual([["m", true, false, 0], ["r", false, false, 2], ["w", false, true, 0]]);
});

test("an arrow to somebody who is not there is not drawn", () => {
  expect(model([edge("m", "gone", 1)]).edges).toEqual([]);
});

test("an agent without a name keeps a color of its own, an unknown caller has none", () => {
  const looks = looksOf([speaker("w", null), speaker("0000000000000000", null, { kind: "unknown" })], t);
  expect(looks.get("w")).toMatchObject({ label: "unnamed agent", seed: "w" });
  expect(looks.get("0000000000000000")).toMatchObject({ label: "no agent", seed: null, color: "var(--agent-none)" });
});

test("who got work from whom is counted, most often first", () => {
  const { passings } = buildRunTree(crewRun(), []);
  expect(passedBetween(passings, "m", null)).toEqual([{ from: "m", to: "r", count: 2 }]);
  expect(passedBetween(passings, null, "m")).toEqual([{ from: "r", to: "m", count: 1 }]);
});
