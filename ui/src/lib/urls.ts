/** Every address of the app, in one place. */
export const urls = {
  home: () => "/",
  whatIf: (range = "") => `/what-if${range === "" ? "" : `?range=${range}`}`,
  setup: () => "/setup",
  login: () => "/login",
  invitation: () => "/invitation",
  passwordReset: () => "/password-reset",
  calls: () => "/calls",
  call: (callId: string) => `/calls/${callId}`,
  traces: () => "/traces",
  tracesToCompare: (traceId: string) => `/traces?compare=${traceId}`,
  trace: (traceId: string, spanId?: string) => `/traces/${traceId}${spanId === undefined ? "" : `?span=${spanId}`}`,
  diff: (a: string, b: string) => `/traces/${a}/diff/${b}`,
  models: () => "/models",
  model: (id: string) => `/models/${id}`,
  provider: (id: string) => `/models/providers/${id}`,
  prices: () => "/prices",
  newPrice: () => "/prices/set",
  price: (provider: string, model: string) => `/prices/set?${new URLSearchParams({ provider, model }).toString()}`,
  repricings: () => "/prices/past",
  newRepricing: (priceId = "") => `/prices/past/new${priceId === "" ? "" : `?price=${priceId}`}`,
  repricing: (id: string) => `/prices/past/${id}`,
  keys: () => "/keys",
  key: (id: string) => `/keys/${id}`,
  crews: () => "/crews",
  crew: (id: string) => `/crews/${id}`,
  run: (crewId: string, executionId: string) => `/crews/${crewId}/runs/${executionId}`,
  settings: () => "/settings",
  members: () => "/settings/members",
  guardrails: () => "/settings/guardrails",
  hooks: () => "/settings/hooks",
  policy: () => "/settings/content",
  budgets: () => "/settings/budgets",
  corrections: () => "/settings/corrections",
  runaway: () => "/settings/runaway",
} as const;

/** A list of calls that a figure sums: filters that are empty are left out. */
export function callsUrl(filter: Partial<Record<"status" | "model" | "agent" | "crew" | "key_id" | "token_subject" | "token_issuer" | "trace_id" | "execution_id" | "from" | "to", string>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? urls.calls() : `${urls.calls()}?${text}`;
}
