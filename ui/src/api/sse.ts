import { getPrefs } from "@/lib/prefs";
import { SseParser, type SseEvent } from "@/lib/sse";
import { getSession, refreshSession } from "./session";

/** Opens an event stream as the signed-in user; after an expired token, refreshes once and asks again. */
export async function openEvents(path: string, signal: AbortSignal, lastId: string | null = null): Promise<Response> {
  const request = () => {
    const headers = new Headers({ Accept: "text/event-stream" });
    const { token } = getSession();
    const { teamId } = getPrefs();
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    if (teamId !== null) headers.set("X-Team-Id", teamId);
    if (lastId !== null) headers.set("Last-Event-ID", lastId);
    return fetch(path, { headers, signal });
  };
  const first = await request();
  if (first.status !== 401) return first;
  await refreshSession();
  return request();
}

/** The events of a stream that was opened, in the pieces they come in. */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<SseEvent[]> {
  const parser = new SseParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield parser.push(value);
  }
}
