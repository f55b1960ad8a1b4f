import { expect, test } from "vitest";
import { layoutLanes, MOST_TRACKS, stepAt, TRACK_HEIGHT, trackTop, walkOf } from "./lane-layout";
import { buildRunTree } from "./run-tree";
import { call, crewRun, node, run, speaker } from "./testing/run-fixture";

test("a lane per agent that did anything, in the order in which they spoke", () => {
  const layout = layoutLanes(buildRunTree(crewRun(), []));
  expect(layout.lanes.map((lane) => [lane.key, lane.items.length])).toEqual([["m", 2], ["r", 2]]);
  expect(layout.lanes[1]?.top).toBe(layout.lanes[0]?.height);
  expect(layout.height).toBe((layout.lanes[0]?.height ?? 0) + (layout.lanes[1]?.height ?? 0));
});

const parallel = run(
  [node("run", null, "run", 0, 100), call("1", "run", "a", 0, 50), call("2", "run", "a", 10, 30), call("3", "run", "a", 30, 60), call("4", "run", "a", 50, 90)],
  [speaker("a", "A")],
);

test("what runs at once lies on tracks below each other, and a free track is taken again", () => {
  const [lane] = layoutLanes(buildRunTree(parallel, [])).lanes;
  expect(lane?.items.map((item) => [item.step.callId, item.track])).toEqual([["1", 0], ["2", 1], ["3", 1], ["4", 0]]);
  expect(lane?.tracks).toBe(2);
});

test("a step that still runs keeps its track", () => {
  const record = run([node("run", null, "run", 0, null), call("1", "run", "a", 0, null), call("2", "run", "a", 500, 600)], [speaker("a", "A")]);
  expect(layoutLanes(buildRunTree(record, [])).lanes[0]?.items.map((item) => item.track)).toEqual([0, 1]);
});

test("more at once than there are tracks lie over each other on the last", () => {
  const many = Array.from({ length: MOST_TRACKS + 5 }, (_, n) => call(String(n), "run", "a", n, 1_000));
  const [lane] = layoutLanes(buildRunTree(run([node("run", null, "run", 0, 1_000), ...many], [speaker("a", "A")]), [])).lanes;
  expect(lane?.tracks).toBe(MOST_TRACKS);
});

test("a click finds the step it is on, and none beside the tracks", () => {
  const layout = layoutLanes(buildRunTree(parallel, []));
  const [lane] = layout.lanes;
  if (lane === undefined) throw new Error("there is a lane");
  const y = (track: number) => trackTop(lane, track) + TRACK_HEIGHT / 2;
  expect(stepAt(layout, y(0), 20, 20, 100)?.callId).toBe("1");
  expect(stepAt(layout, y(1), 20, 20, 100)?.callId).toBe("2");
  expect(stepAt(layout, y(1), 70, 70, 100)).toBeNull();
  expect(stepAt(layout, layout.height + 5, 20, 20, 100)).toBeNull();
});

test("the keyboard walks by time, from lane to lane", () => {
  expect(walkOf(layoutLanes(buildRunTree(crewRun(), []))).map((step) => step.callId)).toEqual(["1", "2", "3", "4"]);
});
