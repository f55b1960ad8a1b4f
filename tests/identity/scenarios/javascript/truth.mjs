// Who really makes a call, told from inside the process: the run stands in a context that follows promises, the agent in the fetch that its
// model object was given. Both go out in one header, which the recorder takes off again before anything is written.
import { AsyncLocalStorage } from 'node:async_hooks';

const store = new AsyncLocalStorage();

/** Work of one run. */
export const inRun = (run, work) => store.run({ run }, work);

/** A fetch whose calls are this agent's. */
export const told = (agent, about = {}) => (url, init) => {
  const headers = new Headers(init.headers);
  const { run } = store.getStore();
  headers.set('x-corpus-truth', encodeURIComponent(JSON.stringify({ run, agent, ...about })));
  return fetch(url, { ...init, headers });
};

/** What the case was given, and where it asks. */
export const given = JSON.parse(process.argv[2]);
export const baseURL = process.env.OPENAI_BASE_URL;
export const apiKey = process.env.OPENAI_API_KEY;

/** All runs at once. */
export const atOnce = (one) => Promise.all(given.runs.map((run) => inRun(run, () => one(run))));
