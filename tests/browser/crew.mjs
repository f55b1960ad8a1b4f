// A manager who gives work to a researcher and a writer, as a CrewAI program says it: with no header that names anybody.
import { answerOf } from "./upstream.mjs";

const MODEL = "gpt-4o-mini";
const prompt = (role, goal) => `You are ${role}. Known for careful work.\nYour personal goal is: ${goal}`;
const DELEGATE = { type: "function", function: { name: "delegate_work_to_coworker", description: "Delegate", parameters: { type: "object", properties: { task: { type: "string" }, context: { type: "string" }, coworker: { type: "string" } } } } };

/** One run through the gateway; what it is about sets it apart from other runs. */
export async function runCrew({ gateway, upstream, about }) {
  const manager = [
    { role: "system", content: prompt("Crew Manager", "Get the study done") },
    { role: "user", content: `Current Task: Write a short study about ${about} for the board.` },
  ];
  const give = async (coworker, role, goal, task, result) => {
    const asked = await call({ gateway, upstream, messages: manager, tools: [DELEGATE], answer: answerOf("", [["delegate_work_to_coworker", { task, context: `All we know is that ${about} matters to the board this year.`, coworker }]]) });
    manager.push(asked);
    const worker = [
      { role: "system", content: prompt(role, goal) },
      { role: "user", content: `Current Task: ${task}\n\nThis is the context you're working with:\nAll we know is that ${about} matters to the board this year.` },
    ];
    const done = await call({ gateway, upstream, messages: worker, answer: answerOf(result) });
    manager.push({ role: "tool", tool_call_id: asked.tool_calls[0].id, content: done.content });
  };
  await give("Researcher", "Researcher", "Find facts", `Find three facts about ${about} and name where each comes from.`, `Three facts about ${about}: it is growing, it is cheap, and it is old.`);
  await give("Writer", "Writer", "Write well", `Write two paragraphs about ${about} from the three facts that were found.`, `A study of ${about} in two paragraphs, ready for the board.`);
  await call({ gateway, upstream, messages: manager, tools: [DELEGATE], answer: answerOf(`The study about ${about} is ready.`) });
}

/** One call whose answer is put in first; the message that came back. */
async function call({ gateway, upstream, messages, tools, answer }) {
  upstream.next(answer);
  const response = await post(gateway, messages, tools);
  if (response.status !== 200) throw new Error(`The gateway answered ${response.status}: ${await response.text()}`);
  return (await response.json()).choices[0].message;
}

/** A call of the researcher's that the provider does not answer until it is told to. */
export function heldCall({ gateway, about }) {
  return post(gateway, [
    { role: "system", content: prompt("Researcher", "Find facts") },
    { role: "user", content: `Current Task: Find out slowly what is known about ${about}.` },
  ]);
}

function post({ url, key }, messages, tools) {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ model: MODEL, messages, ...(tools === undefined ? {} : { tools }) }),
  });
}

/** A provider, a model and a key for the runs, made over the API. Answers the key. */
export async function connect({ url, token, upstream }) {
  const made = async (path, body) => {
    const answer = await fetch(`${url}${path}`, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const provider = await made("/api/providers", { name: "loopback", kind: "openai", base_url: upstream.url, price_provider: "openai" });
  await made("/api/models", { model: MODEL, operations: ["chat"], max_attempts: 1, targets: [{ provider_id: provider.id, upstream_model: MODEL }] });
  const key = await made("/api/api-keys", { name: "runs", permissions: ["gateway"] });
  return key.key;
}
