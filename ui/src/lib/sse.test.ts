import { expect, test } from "vitest";
import { SseParser } from "./sse";

const stream = 'id: 1\nevent: log\ndata: {"message":"안녕"}\n\n: heartbeat\n\nid: 2\nevent: token\ndata: a\ndata: b\r\n\r\n';

test("events come out whole, however the stream is cut", () => {
  const whole = new SseParser().push(stream);
  expect(whole).toEqual([
    { id: "1", event: "log", data: '{"message":"안녕"}' },
    { id: "2", event: "token", data: "a\nb" },
  ]);
  for (let size = 1; size < 9; size += 1) {
    const parser = new SseParser();
    const events = [];
    for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
    expect(events, `in pieces of ${String(size)}`).toEqual(whole);
  }
});

test("an unfinished event waits", () => {
  const parser = new SseParser();
  expect(parser.push("data: half")).toEqual([]);
  expect(parser.push("\n\n")).toEqual([{ id: null, event: "message", data: "half" }]);
});
