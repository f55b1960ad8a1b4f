export interface SseEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Cuts a stream of text into server-sent events. Feed it chunks as they come; it keeps what is not finished. */
export class SseParser {
  #rest = "";

  push(chunk: string): SseEvent[] {
    this.#rest += chunk;
    const events: SseEvent[] = [];
    for (;;) {
      const end = /\r?\n\r?\n/.exec(this.#rest);
      if (end === null) return events;
      const block = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const event = parseBlock(block);
      if (event !== null) events.push(event);
    }
  }
}

/** A block with nothing but comments (a heartbeat) is no event. */
function parseBlock(block: string): SseEvent | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith(":")) continue;
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") id = value;
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { id, event, data: data.join("\n") };
}
