import { expect, test } from "vitest";
import { isEarlier, pairTools, readMessage, readStored } from "./conversation";

const conversation = [
  { role: "system", content: "You are Researcher." },
  { role: "user", content: [{ type: "text", text: "How much?" }, { type: "image_url", image_url: { url: "https://example.com/a.png" } }] },
  { role: "assistant", content: null, tool_calls: [{ id: "a", type: "function", function: { name: "calculator", arguments: '{"expression":"2*2"}' } }, { id: "b", type: "function", function: { name: "search", arguments: "not json" } }] },
  { role: "tool", tool_call_id: "b", content: "nothing" },
  { role: "tool", tool_call_id: "a", content: "4" },
  { role: "tool", tool_call_id: "gone", content: "late" },
].map(readMessage);

test("each tool call stands with its result, in the order of the calls", () => {
  const entries = pairTools(conversation);
  expect(entries.map((entry) => entry.kind)).toEqual(["message", "message", "tool", "tool", "orphan"]);
  expect(entries[2]).toMatchObject({ call: { name: "calculator", args: { expression: "2*2" } }, result: { parts: [{ kind: "text", text: "4" }] } });
  expect(entries[3]).toMatchObject({ call: { name: "search", args: "not json" }, result: { parts: [{ text: "nothing" }] } });
});

test("a call whose result is new is new", () => {
  const entries = pairTools(conversation);
  expect(entries.map((entry) => isEarlier(entry, 4))).toEqual([true, true, false, true, false]);
});

test("parts keep their kind and nothing is dropped", () => {
  expect(conversation[1]?.parts).toEqual([
    { kind: "text", text: "How much?" },
    { kind: "image", source: "https://example.com/a.png" },
  ]);
  expect(readMessage({ role: "user", content: [{ type: "input_audio", data: "x" }] }).parts).toEqual([{ kind: "other", type: "input_audio", value: { type: "input_audio", data: "x" } }]);
  expect(readMessage("just text").parts).toEqual([{ kind: "other", type: "string", value: "just text" }]);
});

test("stored messages are read whether the whole or only the content was kept", () => {
  expect(readStored({ role: "assistant", content: { role: "assistant", content: "hi", reasoning_content: "hm" } })).toMatchObject({ role: "assistant", reasoning: "hm", parts: [{ text: "hi" }] });
  expect(readStored({ role: "user", content: "hi" })).toMatchObject({ role: "user", parts: [{ text: "hi" }] });
  expect(readStored({ role: "missing", content: null })).toMatchObject({ role: "missing", parts: [] });
});

function kinds(messages: unknown[]): unknown[] {
  const entries = pairTools(messages.map(readMessage));
  return entries.map((entry) => (entry.kind === "tool" ? [entry.call.name, entry.result?.parts ?? null] : entry.kind === "orphan" ? ["orphan", entry.result.parts] : [entry.message.role, entry.message.parts]));
}

const said = (text: string) => [{ kind: "text", text }];

test("every dialect's tools stand with what they gave back", () => {
  const expected = [
    ["user", said("When?")],
    ["assistant", said("Let me see.")],
    ["tides", said("At ten.")],
    ["assistant", said("At ten.")],
  ];
  const anthropic = [
    { role: "user", content: "When?" },
    { role: "assistant", content: [{ type: "text", text: "Let me see." }, { type: "tool_use", id: "t1", name: "tides", input: { at: "Oslo" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "At ten." }] }] },
    { role: "assistant", content: [{ type: "text", text: "At ten." }] },
  ];
  const responses = [
    { role: "user", content: [{ type: "input_text", text: "When?" }] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Let me see." }] },
    { type: "function_call", call_id: "c1", id: "fc_1", name: "tides", arguments: '{"at":"Oslo"}' },
    { type: "function_call_output", call_id: "c1", output: "At ten." },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "At ten." }] },
  ];
  const google = [
    { role: "user", parts: [{ text: "When?" }] },
    { role: "model", parts: [{ text: "Let me see." }, { functionCall: { name: "tides", args: { at: "Oslo" } } }] },
    { role: "user", parts: [{ functionResponse: { name: "tides", response: { result: "At ten." } } }] },
    { role: "model", parts: [{ text: "At ten." }] },
  ];
  for (const messages of [anthropic, responses, google]) expect(kinds(messages)).toEqual(expected);
  expect(pairTools(google.map(readMessage))[2]).toMatchObject({ call: { args: { at: "Oslo" } } });
});

test("calls without ids are answered in their order, by name", () => {
  const called = (name: string, at: string) => ({ functionCall: { name, args: { at } } });
  const gave = (name: string, low: string) => ({ functionResponse: { name, response: { low, high: 2 } } });
  const messages = [
    { role: "model", parts: [called("tides", "Oslo"), called("wind", "Oslo"), called("tides", "Bergen")] },
    { role: "user", parts: [gave("wind", "w"), gave("tides", "first"), gave("tides", "second"), gave("moon", "m")] },
  ];
  const entries = pairTools(messages.map(readMessage));
  const lows = entries.map((entry) => (entry.kind === "message" ? "" : JSON.stringify(entry.result?.parts)));
  expect(entries.map((entry) => entry.kind)).toEqual(["tool", "tool", "tool", "orphan"]);
  expect(lows.map((low) => /low\\": \\"(\w+)/.exec(low)?.[1])).toEqual(["first", "w", "second", "m"]);
  expect(entries.map((entry) => isEarlier(entry, 1))).toEqual([false, false, false, false]);
});

test("thoughts of every dialect are thoughts, and roles have one name", () => {
  expect(readMessage({ role: "model", parts: [{ text: "hm", thought: true }, { text: "Ten." }] })).toMatchObject({ role: "assistant", reasoning: "hm", parts: said("Ten.") });
  expect(readMessage({ role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "x" }, { type: "text", text: "Ten." }] })).toMatchObject({ reasoning: "hm", parts: said("Ten.") });
  expect(readMessage({ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] })).toMatchObject({ role: "assistant", reasoning: "hm" });
  expect(readMessage({ role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }] }).parts).toEqual([{ kind: "image", source: "data:image/png;base64,AA==" }]);
  expect(readStored({ role: "system", content: { role: "system", parts: [{ text: "You know tides." }] } })).toMatchObject({ role: "system", parts: said("You know tides.") });
});
