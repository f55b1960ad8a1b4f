import type { Passing } from "./run-tree";

/** How often work went from one agent to others, or came from others to one: most often first. */
export function passedBetween(passings: readonly Passing[], from: string | null, to: string | null): { from: string; to: string; count: number }[] {
  const pairs = new Map<string, { from: string; to: string; count: number }>();
  for (const one of passings) {
    if ((from !== null && one.from !== from) || (to !== null && one.to !== to)) continue;
    const pair = pairs.get(`${one.from}>${one.to}`) ?? { from: one.from, to: one.to, count: 0 };
    pair.count += 1;
    pairs.set(`${one.from}>${one.to}`, pair);
  }
  return [...pairs.values()].sort((a, b) => b.count - a.count);
}
