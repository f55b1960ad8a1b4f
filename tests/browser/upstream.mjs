// A provider on loopback that answers what a test tells it to, when the test tells it to.
import { createServer } from "node:http";

/** `{ url, next, hold, stop }`: answers come in the order in which they were put in; a held call waits for its release. */
export async function startUpstream() {
  const answers = [];
  const waiting = [];
  const server = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      const send = (answer) => {
        response.writeHead(200, { "Content-Type": "application/json" });
        response.end(JSON.stringify(answer));
      };
      const answer = answers.shift();
      if (answer === undefined) waiting.push(send);
      else send(answer);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** The next call gets this answer at once. */
    next: (answer) => answers.push(answer),
    /** Calls that came without an answer put in for them. */
    held: () => waiting.length,
    release: (answer) => waiting.splice(0).forEach((send) => send(answer)),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

/** An answer of chat completions: words, or tools that it asks for. */
export function answerOf(content, tools = []) {
  answered += 1;
  const calls = tools.map(([name, args], index) => ({ id: `call_${answered}_${index}`, type: "function", function: { name, arguments: JSON.stringify(args) } }));
  const message = { role: "assistant", content: calls.length > 0 ? null : content, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return {
    id: `chatcmpl-${answered}`,
    object: "chat.completion",
    created: 1_795_000_000,
    model: "gpt-4o-mini",
    choices: [{ index: 0, message, finish_reason: calls.length > 0 ? "tool_calls" : "stop" }],
    usage: { prompt_tokens: 120, completion_tokens: 24, total_tokens: 144 },
  };
}

let answered = 0;
