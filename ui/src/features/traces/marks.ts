import type { CacheBreak, Loop, TraceDetail } from "@/api/types";

/** What stands out about a call: it repeats, or it threw away what the provider had cached. */
export type CallMark = { kind: "loop"; loop: Loop } | { kind: "cache"; cacheBreak: CacheBreak };

export type CallMarks = ReadonlyMap<string, readonly CallMark[]>;

/** Marks by call. */
export function marksOf(trace: Pick<TraceDetail, "loops" | "cache_breaks"> | null): CallMarks {
  const marks = new Map<string, CallMark[]>();
  const add = (callId: string, mark: CallMark) => {
    const those = marks.get(callId);
    if (those === undefined) marks.set(callId, [mark]);
    else those.push(mark);
  };
  for (const loop of trace?.loops ?? []) for (const callId of loop.call_ids) add(callId, { kind: "loop", loop });
  for (const cacheBreak of trace?.cache_breaks ?? []) add(cacheBreak.call_id, { kind: "cache", cacheBreak });
  return marks;
}
