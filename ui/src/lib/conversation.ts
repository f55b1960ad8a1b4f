/** A call's messages as what is drawn: each tool call with its result beside it. */

import { readMessage, type Message, type ToolCall, type ToolResult } from "./read-message";

export { parseJson, readMessage, type Message, type Part, type ToolCall, type ToolResult } from "./read-message";

/** One thing to draw: a message, or a tool call with its result beside it. `at`: its place within the message. */
export type Entry =
  | { kind: "message"; index: number; message: Message }
  | { kind: "tool"; index: number; at: number; call: ToolCall; result: ToolResult | null; resultIndex: number | null }
  | { kind: "orphan"; index: number; at: number; result: ToolResult };

type ToolEntry = Extract<Entry, { kind: "tool" }>;

/** A message as the platform stores it: its role beside the message's own JSON, which may be the whole message or only its content. */
export function readStored(stored: { role: string; content: unknown }): Message {
  if (typeof stored.content === "object" && stored.content !== null && !Array.isArray(stored.content)) return readMessage({ role: stored.role, ...stored.content });
  return readMessage({ role: stored.role, content: stored.content });
}

/** Messages in order, each tool call followed by its result instead of standing far from it. */
export function pairTools(messages: readonly Message[]): Entry[] {
  const entries: Entry[] = [];
  const waiting: ToolEntry[] = [];
  messages.forEach((message, index) => {
    const { parts, reasoning, toolCalls, toolResults } = message;
    toolResults.forEach((result, at) => {
      const place = waiting.findIndex((entry) => answers(result, entry.call));
      const entry = waiting[place];
      if (entry === undefined) {
        entries.push({ kind: "orphan", index, at, result });
        return;
      }
      waiting.splice(place, 1);
      entry.result = result;
      entry.resultIndex = index;
    });
    if (parts.length > 0 || reasoning !== "" || (toolCalls.length === 0 && toolResults.length === 0)) entries.push({ kind: "message", index, message });
    toolCalls.forEach((call, at) => {
      const entry: ToolEntry = { kind: "tool", index, at, call, result: null, resultIndex: null };
      waiting.push(entry);
      entries.push(entry);
    });
  });
  return entries;
}

/** Without an id, the tool's name says whose result it is. */
function answers(result: ToolResult, call: ToolCall): boolean {
  return result.id !== "" || call.id !== "" ? result.id === call.id : result.name !== "" && result.name === call.name;
}

/** Whether an entry was already in the call before. A tool call is new when its result is. */
export function isEarlier(entry: Entry, newFrom: number): boolean {
  const index = entry.kind === "tool" ? (entry.resultIndex ?? entry.index) : entry.index;
  return index < newFrom;
}
