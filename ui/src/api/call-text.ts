import { useEffect, useState } from "react";
import { openEvents, readEvents } from "./sse";

/** Characters kept of a running answer; the newest are. */
const MOST_CHARS = 60_000;

export interface CallText {
  text: string;
  /** Something is missing at its beginning or in the middle. */
  missed: boolean;
  state: "opening" | "open" | "ended" | "gone" | "failed";
}

const nothing: CallText = { text: "", missed: false, state: "opening" };

/** What a running call streams, from now on. Listens only while `enabled`. */
export function useCallText(callId: string, enabled: boolean): CallText {
  const [shown, setShown] = useState<{ callId: string; text: CallText }>({ callId, text: nothing });
  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    let text = nothing;
    const set = (next: Partial<CallText>) => {
      text = { ...text, ...next };
      if (!stop.signal.aborted) setShown({ callId, text });
    };
    set({});
    void follow(callId, stop.signal, set, () => text.text).catch(() => set({ state: "failed" }));
    return () => stop.abort();
  }, [callId, enabled]);
  return shown.callId === callId ? shown.text : nothing;
}

async function follow(callId: string, signal: AbortSignal, set: (next: Partial<CallText>) => void, sofar: () => string): Promise<void> {
  const response = await openEvents(`/api/calls/${callId}/text`, signal);
  if (response.status === 404) {
    set({ state: "gone" });
    return;
  }
  if (!response.ok || response.body === null) {
    set({ state: "failed" });
    return;
  }
  set({ state: "open" });
  for await (const events of readEvents(response.body)) {
    const text = sofar() + events.map((one) => (one.event === "text" ? pieceOf(one.data) : "")).join("");
    const cut = text.length > MOST_CHARS;
    const missed = cut || events.some((one) => one.event === "gap");
    set({ text: cut ? text.slice(-MOST_CHARS) : text, ...(missed ? { missed } : {}) });
    if (events.some((one) => one.event === "end")) break;
  }
  set({ state: "ended" });
}

function pieceOf(data: string): string {
  try {
    const { text } = JSON.parse(data) as { text?: unknown };
    return typeof text === "string" ? text : "";
  } catch {
    return "";
  }
}
