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
  expect(entries.map((entry) => isEarlier(entry, 4, conversation))).toEqual([true, true, false, true, false]);
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
