import { expect, test } from "vitest";
import { layoutGraph } from "./graph-layout";

const place = (nodes: string[], edges: [string, string][]) => layoutGraph(nodes, edges.map(([from, to]) => ({ from, to })));
const layer = (places: ReturnType<typeof place>, node: string) => places.get(node)?.layer;

test("work flows from left to right", () => {
  const places = place(["a", "b", "c"], [["a", "b"], ["b", "c"], ["a", "c"]]);
  expect([layer(places, "a"), layer(places, "b"), layer(places, "c")]).toEqual([0, 1, 2]);
});

test("an answer that goes back does not turn the flow around", () => {
  const places = place(["boss", "worker"], [["boss", "worker"], ["worker", "boss"]]);
  expect([layer(places, "boss"), layer(places, "worker")]).toEqual([0, 1]);
});

test("agents that hand work around in a circle all get a place", () => {
  const places = place(["a", "b", "c"], [["a", "b"], ["b", "c"], ["c", "a"]]);
  expect([layer(places, "a"), layer(places, "b"), layer(places, "c")]).toEqual([0, 1, 2]);
});

test("workers of one manager stand below each other, the manager in their middle", () => {
  const places = place(["m", "x", "y", "z"], [["m", "x"], ["m", "y"], ["m", "z"]]);
  expect(["x", "y", "z"].map((node) => places.get(node))).toEqual([{ layer: 1, row: 0 }, { layer: 1, row: 1 }, { layer: 1, row: 2 }]);
  expect(places.get("m")).toEqual({ layer: 0, row: 1 });
});

test("the order in a layer follows those before it, so that edges do not cross", () => {
  const places = place(["a", "b", "x", "y"], [["a", "y"], ["b", "x"]]);
  const row = (node: string) => places.get(node)?.row ?? -1;
  expect(row("y") < row("x")).toBe(row("a") < row("b"));
});

test("whoever handed nothing over still has a place, and no two agents share one", () => {
  const nodes = Array.from({ length: 40 }, (_, n) => `n${String(n)}`);
  const edges = nodes.slice(1, 30).map((node, n): [string, string] => [`n${String(Math.floor(n / 3))}`, node]);
  const places = place(nodes, edges);
  expect(places.size).toBe(40);
  expect(new Set([...places.values()].map(({ layer, row }) => `${String(layer)}:${String(row)}`)).size).toBe(40);
});

test("an agent that hands over to itself, and an edge to nobody, change nothing", () => {
  expect(place(["a"], [["a", "a"], ["a", "gone"]]).get("a")).toEqual({ layer: 0, row: 0 });
  expect(place([], []).size).toBe(0);
});
