// OpenAI Agents for JavaScript: a desk that hands over, and agents as tools. Each agent has a model object of its own.
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { apiKey, atOnce, baseURL, given, told } from './truth.mjs';

setTracingDisabled(true);
const Model = given.responses ? OpenAIResponsesModel : OpenAIChatCompletionsModel;
const model = (owner) => new Model(new OpenAI({ apiKey, baseURL, fetch: told(owner) }), 'gpt-4.1-mini');
const lookUp = tool({ name: 'look_up', description: 'Looks something up', parameters: z.object({ what: z.string() }), execute: async ({ what }) => `${what}: found twice` });

function agents() {
  const [first, ...others] = given.agents;
  const made = others.map(([name, instructions]) => new Agent({ name, instructions, handoffDescription: instructions, model: model(name), tools: [lookUp] }));
  const more = given.tools
    ? { tools: made.map((agent) => agent.asTool({ toolName: given.tools, toolDescription: 'Asks a colleague' })) }
    : { handoffs: made };
  const front = new Agent({ name: first[0], instructions: first[1], model: model(first[0]), ...more });
  if (!given.tools) made.forEach((agent) => { agent.handoffs = [front]; });
  return front;
}

await atOnce(async () => {
  let [active, history] = [agents(), []];
  for (const question of given.questions) {
    const result = await run(active, [...history, { role: 'user', content: question }], { stream: Boolean(given.stream) });
    if (given.stream) await result.completed;
    [active, history] = [result.lastAgent, result.history];
  }
});
