// LangGraph for JavaScript: a supervisor with workers. Each agent has a model object of its own.
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { createSupervisor } from '@langchain/langgraph-supervisor';
import { ChatOpenAI } from '@langchain/openai';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { apiKey, atOnce, baseURL, given, told } from './truth.mjs';

const model = (owner) => new ChatOpenAI({ model: 'gpt-4.1-mini', apiKey, streaming: Boolean(given.stream), configuration: { baseURL, fetch: told(owner) } });
const lookUp = tool(async ({ what }) => `${what}: found twice`, { name: 'look_up', description: 'Looks something up', schema: z.object({ what: z.string() }) });

await atOnce(async (run) => {
  const [[lead, prompt], ...others] = given.agents;
  const agents = others.map(([name, words]) => createReactAgent({ llm: model(name), tools: [lookUp], name, prompt: words }));
  const app = createSupervisor({ agents, llm: model(lead), prompt, supervisorName: lead, outputMode: given.output }).compile();
  await app.invoke({ messages: [{ role: 'user', content: given.questions[run] ?? given.questions.all }] }, { recursionLimit: 40 });
});
