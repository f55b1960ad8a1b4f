import { isWork, type RunTree, type Step } from "./run-tree";

/** What an agent did, in one lane; what overlaps lies on tracks below each other. */
export interface Lane {
  /** Key of the agent; empty for work of nobody known. */
  key: string;
  items: LaneItem[];
  tracks: number;
  /** Pixels from the top of all lanes. */
  top: number;
  height: number;
}

export interface LaneItem {
  step: Step;
  track: number;
}

export interface LaneLayout {
  lanes: Lane[];
  height: number;
}

export const TRACK_HEIGHT = 20;
const LANE_PADDING = 6;
/** A lane is at least as high as its label needs. */
const LANE_MIN_HEIGHT = 40;
/** More at once than this lie over each other on the last track. */
export const MOST_TRACKS = 24;

/** Lanes in the order in which the agents first spoke. */
export function layoutLanes(tree: RunTree): LaneLayout {
  const work = new Map<string, Step[]>();
  for (const step of tree.steps) {
    if (!isWork(step)) continue;
    const key = step.agent ?? "";
    const those = work.get(key);
    if (those === undefined) work.set(key, [step]);
    else those.push(step);
  }
  const order = [...tree.speakers.map((speaker) => speaker.agent), ...work.keys()];
  let top = 0;
  const lanes: Lane[] = [];
  for (const key of new Set(order)) {
    const steps = work.get(key);
    if (steps === undefined) continue;
    const items = tracksOf(steps);
    const tracks = items.reduce((most, item) => Math.max(most, item.track + 1), 1);
    const height = Math.max(LANE_MIN_HEIGHT, tracks * TRACK_HEIGHT + 2 * LANE_PADDING);
    lanes.push({ key, items, tracks, top, height });
    top += height;
  }
  return { lanes, height: top };
}

/** Each step on the first track that is free when it begins. */
function tracksOf(steps: readonly Step[]): LaneItem[] {
  const ends: number[] = [];
  return [...steps]
    .sort((a, b) => a.startMs - b.startMs)
    .map((step) => {
      const free = ends.findIndex((end) => end <= step.startMs);
      const track = Math.min(free === -1 ? ends.length : free, MOST_TRACKS - 1);
      ends[track] = Math.max(ends[track] ?? 0, step.endMs ?? Infinity);
      return { step, track };
    });
}

/** Top of a track inside all lanes, in pixels; the tracks stand in the middle of their lane. */
export function trackTop(lane: Lane, track: number): number {
  return lane.top + (lane.height - lane.tracks * TRACK_HEIGHT) / 2 + track * TRACK_HEIGHT;
}

/** The step at a place: what is drawn wider than it lasted can still be hit. */
export function stepAt(layout: LaneLayout, y: number, fromMs: number, toMs: number, nowMs: number): Step | null {
  const lane = layout.lanes.find((one) => y >= one.top && y < one.top + one.height);
  const hits = (lane?.items ?? []).filter(({ step, track }) => {
    const top = lane === undefined ? 0 : trackTop(lane, track);
    return y >= top && y < top + TRACK_HEIGHT && step.startMs <= toMs && (step.endMs ?? nowMs) >= fromMs;
  });
  return hits.at(-1)?.step ?? null;
}

/** Every step of the lanes in the order in which it began: the way of the keyboard. */
export function walkOf(layout: LaneLayout): Step[] {
  return layout.lanes.flatMap((lane) => lane.items.map((item) => item.step)).sort((a, b) => a.startMs - b.startMs);
}
