import { expect, test } from "vitest";
import { dragWindow, niceTicks, position } from "./time-axis";

test("marks on the axis are round numbers inside the window", () => {
  expect(niceTicks({ fromMs: 0, toMs: 1_000 }, 5)).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect(niceTicks({ fromMs: 130, toMs: 470 }, 4)).toEqual([200, 300, 400]);
});

test("a drag becomes a window, a click does not", () => {
  const window = { fromMs: 100, toMs: 300 };
  expect(dragWindow(0.75, 0.25, window)).toEqual({ fromMs: 150, toMs: 250 });
  expect(dragWindow(0.5, 0.501, window)).toBeNull();
  expect(position(200, window)).toBe(0.5);
});
