/** Messages of any OpenAI-like shape, read leniently: what is not understood is kept as JSON, never dropped. */

export type Role = "system" | "developer" | "user" | "assistant" | "tool" | "missing";

export interface ToolCall {
  id: string;
  name: string;
  /** Parsed arguments, or the text as it came when it is not JSON. */
  args: unknown;
}

export type Part = { kind: "text"; text: string } | { kind: "image"; source: string } | { kind: "other"; type: string; value: unknown };

export interface Message {
  role: Role;
  /** The `name` field, where one was sent. */
  name: string | null;
  parts: Part[];
  reasoning: string;
  toolCalls: ToolCall[];
  /** Which call a tool message answers. */
  toolCallId: string | null;
}

/** One thing to draw: a message, or a tool call with its result beside it. */
export type Entry =
  | { kind: "message"; index: number; message: Message }
  | { kind: "tool"; index: number; call: ToolCall; result: Message | null }
  | { kind: "orphan"; index: number; message: Message };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

const roles: readonly Role[] = ["system", "developer", "user", "assistant", "tool", "missing"];

/** A message as the platform stores it: its role beside the message's own JSON, which may be the whole message or only its content. */
export function readStored(stored: { role: string; content: unknown }): Message {
  if (isRecord(stored.content)) return readMessage({ role: stored.role, ...stored.content });
  return readMessage({ role: stored.role, content: stored.content });
}

export function readMessage(value: unknown): Message {
  const raw = isRecord(value) ? value : {};
  const role = roles.find((one) => one === raw.role) ?? (raw.role === "function" ? "tool" : "user");
  return {
    role,
    name: typeof raw.name === "string" && raw.name !== "" ? raw.name : null,
    parts: isRecord(value) ? readParts(raw.content) : [{ kind: "other", type: typeof value, value }],
    reasoning: text(raw.reasoning_content) || text(raw.reasoning),
    toolCalls: Array.isArray(raw.tool_calls) ? raw.tool_calls.map(readToolCall) : [],
    toolCallId: typeof raw.tool_call_id === "string" ? raw.tool_call_id : null,
  };
}

function readParts(content: unknown): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return isRecord(content) ? [{ kind: "other", type: "content", value: content }] : [];
  return content.map(readPart);
}

function readPart(part: unknown): Part {
  if (typeof part === "string") return { kind: "text", text: part };
  if (!isRecord(part)) return { kind: "other", type: typeof part, value: part };
  if (typeof part.text === "string") return { kind: "text", text: part.text };
  if (part.type === "refusal") return { kind: "text", text: text(part.refusal) };
  if (part.type === "image_url") {
    const source = isRecord(part.image_url) ? text(part.image_url.url) : text(part.image_url);
    return { kind: "image", source };
  }
  return { kind: "other", type: text(part.type) || "part", value: part };
}

function readToolCall(value: unknown): ToolCall {
  const raw = isRecord(value) ? value : {};
  const fn = isRecord(raw.function) ? raw.function : raw;
  return { id: text(raw.id), name: text(fn.name), args: parseJson(fn.arguments ?? fn.input) };
}

/** JSON where it is JSON, otherwise the value as it came. */
export function parseJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Messages in order, each tool call followed by its result instead of standing far from it. */
export function pairTools(messages: readonly Message[]): Entry[] {
  const results = new Map<string, Message>();
  for (const message of messages) {
    if (message.role === "tool" && message.toolCallId !== null) results.set(message.toolCallId, message);
  }
  const called = new Set(messages.flatMap((message) => message.toolCalls.map((call) => call.id)));
  const entries: Entry[] = [];
  messages.forEach((message, index) => {
    if (message.role === "tool") {
      if (message.toolCallId === null || !called.has(message.toolCallId)) entries.push({ kind: "orphan", index, message });
      return;
    }
    if (message.parts.length > 0 || message.reasoning !== "" || message.toolCalls.length === 0) entries.push({ kind: "message", index, message });
    for (const call of message.toolCalls) entries.push({ kind: "tool", index, call, result: results.get(call.id) ?? null });
  });
  return entries;
}

/** Whether an entry was already in the call before. A tool call is new when its result is. */
export function isEarlier(entry: Entry, newFrom: number, messages: readonly Message[]): boolean {
  if (entry.index >= newFrom) return false;
  if (entry.kind !== "tool" || entry.result === null) return true;
  return messages.indexOf(entry.result) < newFrom;
}
