import { backoffMs } from "@/lib/backoff";
import { readRunEvent, type RunEvent } from "@/lib/run-events";
import { openEvents, readEvents } from "./sse";

export interface RunStreamHandlers {
  onEvents: (events: RunEvent[]) => void;
  onLost: (lost: boolean) => void;
}

/** Follows a run to its end. A connection that breaks is taken up where it ended, so that no event is missed or seen twice. */
export function followRun(executionId: string, handlers: RunStreamHandlers): () => void {
  const stop = new AbortController();
  void follow(executionId, handlers, stop.signal);
  return () => stop.abort();
}

async function follow(executionId: string, handlers: RunStreamHandlers, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null;
  let attempt = 0;
  const take = (events: RunEvent[], id: string | null) => {
    attempt = 0;
    lastId = id ?? lastId;
    handlers.onLost(false);
    handlers.onEvents(events);
  };
  while (!signal.aborted) {
    const ended = await readOnce(executionId, lastId, take, signal);
    if (ended) return;
    if (attempt > 0) handlers.onLost(true);
    await pause(backoffMs(attempt), signal);
    attempt += 1;
  }
}

/** One connection; true when the run is over or will never be readable. */
async function readOnce(executionId: string, lastId: string | null, take: (events: RunEvent[], id: string | null) => void, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await openEvents(`/api/executions/${executionId}/stream`, signal, lastId);
    if (response.status === 403 || response.status === 404) return true;
    if (!response.ok || response.body === null) return false;
    for await (const raw of readEvents(response.body)) {
      const events = raw.map((one) => readRunEvent(one.event, one.data)).filter((one) => one !== null);
      if (raw.length > 0) take(events, raw.at(-1)?.id ?? null);
      if (events.some((one) => one.event === "execution_completed")) return true;
    }
    return false;
  } catch {
    return false;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
