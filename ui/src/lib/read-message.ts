/** Messages of the dialects that clients and providers write, read leniently: what is not understood is kept as JSON, never dropped. */

export type Role = "system" | "developer" | "user" | "assistant" | "tool" | "missing";

export interface ToolCall {
  /** Empty where the provider gives none. */
  id: string;
  name: string;
  /** Parsed arguments, or the text as it came when it is not JSON. */
  args: unknown;
}

/** What a tool gave back. */
export interface ToolResult {
  /** Of the call it answers; empty where the provider gives none. */
  id: string;
  /** The tool's name, where it is said. */
  name: string;
  parts: Part[];
}

export type Part = { kind: "text"; text: string } | { kind: "image"; source: string } | { kind: "other"; type: string; value: unknown };

export interface Message {
  role: Role;
  /** The `name` field, where one was sent. */
  name: string | null;
  parts: Part[];
  reasoning: string;
  toolCalls: ToolCall[];
  toolResults: ToolResult[];
}

type Raw = Record<string, unknown>;

const roles: readonly Role[] = ["system", "developer", "user", "assistant", "tool", "missing"];

function isRecord(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function empty(role: Role): Message {
  return { role, name: null, parts: [], reasoning: "", toolCalls: [], toolResults: [] };
}

export function readMessage(value: unknown): Message {
  if (!isRecord(value)) return { ...empty("user"), parts: [{ kind: "other", type: typeof value, value }] };
  const item = readItem(value);
  if (item !== null) return item;
  const message = empty(roleOf(value.role));
  message.name = text(value.name) || null;
  message.reasoning = text(value.reasoning_content) || text(value.reasoning);
  message.toolCalls = Array.isArray(value.tool_calls) ? value.tool_calls.map(readToolCall) : [];
  if (message.role === "tool" && !Array.isArray(value.parts)) {
    message.toolResults = [{ id: text(value.tool_call_id), name: text(value.name), parts: readContent(value.content) }];
    return message;
  }
  for (const part of listOf(value.parts ?? value.content)) addPart(part, message);
  // What tools gave back comes in a user's message in some dialects.
  if (message.role === "user" && message.parts.length === 0 && message.toolResults.length > 0) message.role = "tool";
  return message;
}

function roleOf(role: unknown): Role {
  if (role === "model") return "assistant";
  return roles.find((one) => one === role) ?? (role === "function" ? "tool" : "user");
}

/** An item of a response that is no message. */
function readItem(raw: Raw): Message | null {
  switch (raw.type) {
    case "function_call":
    case "custom_tool_call":
      return { ...empty("assistant"), toolCalls: [{ id: text(raw.call_id), name: text(raw.name), args: parseJson(raw.arguments ?? raw.input) }] };
    case "function_call_output":
    case "custom_tool_call_output":
      return { ...empty("tool"), toolResults: [{ id: text(raw.call_id), name: "", parts: readContent(raw.output) }] };
    case "reasoning":
      return { ...empty("assistant"), reasoning: listOf(raw.summary).map((part) => (isRecord(part) ? text(part.text) : text(part))).join("\n") };
    default:
      return null;
  }
}

/** A text, a list of parts, or one part, as a list. */
function listOf(content: unknown): unknown[] {
  if (content === null || content === undefined || content === "") return [];
  return Array.isArray(content) ? content : [content];
}

function readContent(content: unknown): Part[] {
  return listOf(content).map(readPart);
}

/** A part is something said, something thought, a tool that is asked for or what one gave back. */
function addPart(part: unknown, message: Message) {
  if (!isRecord(part)) {
    message.parts.push(readPart(part));
  } else if (part.type === "tool_use") {
    message.toolCalls.push({ id: text(part.id), name: text(part.name), args: part.input });
  } else if (part.type === "tool_result") {
    message.toolResults.push({ id: text(part.tool_use_id), name: "", parts: readContent(part.content) });
  } else if (part.type === "thinking") {
    message.reasoning = joined(message.reasoning, text(part.thinking));
  } else if (part.thought === true && typeof part.text === "string") {
    message.reasoning = joined(message.reasoning, part.text);
  } else if (isRecord(part.functionCall)) {
    const { id, name, args } = part.functionCall;
    message.toolCalls.push({ id: text(id), name: text(name), args: args ?? {} });
  } else if (isRecord(part.functionResponse)) {
    const { id, name, response } = part.functionResponse;
    message.toolResults.push({ id: text(id), name: text(name), parts: told(response) });
  } else {
    message.parts.push(readPart(part));
  }
}

function joined(before: string, more: string): string {
  return before === "" ? more : `${before}\n${more}`;
}

/** Google's SDKs wrap what a tool said into an object. */
function told(response: unknown): Part[] {
  const values = isRecord(response) ? Object.values(response) : [];
  const only = values.length === 1 ? values[0] : response;
  return [typeof only === "string" ? { kind: "text", text: only } : { kind: "text", text: JSON.stringify(response, null, 2) }];
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
  if (isRecord(part.inlineData) && text(part.inlineData.mimeType).startsWith("image/")) {
    return { kind: "image", source: `data:${text(part.inlineData.mimeType)};base64,${text(part.inlineData.data)}` };
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
