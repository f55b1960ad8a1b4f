// The Vercel AI SDK as its guides use it: an agent that is a tool of another, reviews side by side that are put together as JSON, a route,
// and a text that is judged and written again. Each agent has a provider object of its own.
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, Output, stepCountIs, streamText, tool, ToolLoopAgent } from 'ai';
import { z } from 'zod';
import { apiKey, atOnce, baseURL, given, told } from './truth.mjs';

const model = (owner) => {
  const provider = createOpenAI({ apiKey, baseURL, fetch: told(owner) });
  return given.responses ? provider.responses('gpt-4.1-mini') : provider.chat('gpt-4.1-mini');
};
const [lead, ...others] = given.agents;
const say = async ([name, system], prompt, more = {}) => (await generateText({ model: model(name), system, prompt, ...more })).text;
const json = async ([name, system], prompt, schema) =>
  (await generateText({ model: model(name), system, prompt, output: Output.object({ schema }) })).output;

const patterns = {
  // The orchestrator's tool is another agent with a prompt of its own.
  async delegate(_run, question) {
    const tools = Object.fromEntries(others.map(([name, system]) => [given.tools[name], tool({
      description: system,
      inputSchema: z.object({ topic: z.string(), depth: z.enum(['short', 'long']) }),
      execute: ({ topic, depth }) => new ToolLoopAgent({ model: model(name), instructions: system }).generate({ prompt: `Write a ${depth} note about the following topic: ${topic}` }).then((answer) => answer.text),
    })]));
    const options = { model: model(lead[0]), system: lead[1], prompt: question, tools, stopWhen: stepCountIs(6) };
    if (given.stream) await streamText(options).consumeStream();
    else await generateText(options);
  },
  // Reviews side by side; who puts them together gets them as JSON.
  async parallel(_run, question) {
    const schema = z.object({ findings: z.array(z.string()), risk: z.enum(['low', 'medium', 'high']) });
    const reviews = await Promise.all(others.map((other) => json(other, `Review this:\n${question}`, schema)));
    await say(lead, `Synthesize these review results into a summary with key actions:\n${JSON.stringify(reviews.map((review, at) => ({ ...review, type: others[at][0] })), null, 2)}`);
  },
  // A classifier chooses the prompt that answers.
  async route(_run, question) {
    const kinds = others.map(([name]) => name);
    const { type } = await json(lead, `Classify this customer query:\n${question}`, z.object({ reasoning: z.string(), type: z.enum(kinds) }));
    await say(others.find(([name]) => name === type), question);
  },
  // Written, judged, written again with what the judge said.
  async refine(_run, question) {
    const [judge] = others;
    let text = await say(lead, `Write this:\n${question}`);
    for (let round = 0; round < given.rounds; round += 1) {
      const verdict = await json(judge, `Evaluate this text:\n\nOriginal: ${question}\nText: ${text}`, z.object({ score: z.number(), issues: z.array(z.string()), advice: z.string() }));
      text = await say(lead, `Improve this text based on the following feedback:\n${verdict.issues.join('\n')}\n${verdict.advice}\n\nOriginal: ${question}\nCurrent text: ${text}`);
    }
  },
  // A chat with a history of its own; beside its first turn a title is made of what the user asked.
  async chat(run, question) {
    const [titler] = others;
    const messages = [];
    for (const [turn, asked] of [question, ...given.more].entries()) {
      messages.push({ role: 'user', content: asked });
      const answer = streamText({ model: model(lead[0]), system: lead[1], messages });
      const title = turn === 0 ? say(titler, `Generate a short title for a chat that begins with: ${asked}`) : null;
      messages.push({ role: 'assistant', content: await answer.text });
      await title;
    }
  },
  // A plan of steps; each step is done by a worker that is told the goal too; a report is made of what they found.
  async plan(_run, question) {
    const [worker, reporter] = others;
    const { steps } = await json(lead, question, z.object({ steps: z.array(z.object({ title: z.string(), detail: z.string() })) }));
    const found = [];
    for (const step of steps) found.push(await say(worker, `Goal: ${question}\n\nYour step: ${step.title}\n${step.detail}`));
    await say(reporter, `# Goal\n${question}\n\n${found.map((one, at) => `## Step ${at + 1}: ${steps[at].title}\n${one}`).join('\n\n')}`);
  },
  // A long text in parts: each part is read by itself, what was read is put together.
  async parts(_run, question) {
    const [reader] = others;
    const size = Math.ceil(question.length / 3);
    const parts = [0, 1, 2].map((at) => question.slice(at * size, (at + 1) * size));
    const read = await Promise.all(parts.map((part, at) => say(reader, `Part ${at + 1} of 3:\n\n${part}`)));
    await say(lead, `Put these notes together:\n\n${read.map((one) => `- ${one}`).join('\n')}`);
  },
};
await atOnce((run) => patterns[given.pattern](run, given.questions[run] ?? given.questions.all));
