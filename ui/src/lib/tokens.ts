/** Token classes, in the order they are read and written. */
export const tokenClassNames = [
  "in_uncached",
  "in_cache_read",
  "in_cache_write_5m",
  "in_cache_write_1h",
  "in_audio",
  "in_image",
  "out_text",
  "out_reasoning",
  "out_audio",
] as const;

export type TokenClass = (typeof tokenClassNames)[number];

/** The classes that were used, with their counts. They are disjoint: their sum is the whole. */
export function tokenClasses(usage: Record<TokenClass, number>): [TokenClass, number][] {
  return tokenClassNames.map((name): [TokenClass, number] => [name, usage[name]]).filter(([, count]) => count > 0);
}
