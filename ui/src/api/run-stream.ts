import { backoffMs } from "@/lib/backoff";
import { getPrefs } from "@/lib/prefs";
import { readRunEvent, type RunEvent } from "@/lib/run-events";
import { SseParser } from "@/lib/sse";
import { getSession, refreshSession } from "./session";

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
    const response = await open(executionId, lastId, signal);
    if (response.status === 403 || response.status === 404) return true;
    if (!response.ok || response.body === null) return false;
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      const raw = parser.push(value);
      const events = raw.map((one) => readRunEvent(one.event, one.data)).filter((one) => one !== null);
      if (raw.length > 0) take(events, raw.at(-1)?.id ?? null);
      if (events.some((one) => one.event === "execution_completed")) return true;
    }
  } catch {
    return false;
  }
}

async function open(executionId: string, lastId: string | null, signal: AbortSignal): Promise<Response> {
  const request = () => {
    const headers = new Headers({ Accept: "text/event-stream" });
    const { token } = getSession();
    const { teamId } = getPrefs();
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    if (teamId !== null) headers.set("X-Team-Id", teamId);
    if (lastId !== null) headers.set("Last-Event-ID", lastId);
    return fetch(`/api/executions/${executionId}/stream`, { headers, signal });
  };
  const first = await request();
  if (first.status !== 401) return first;
  await refreshSession();
  return request();
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
