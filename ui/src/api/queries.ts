import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, unwrap, versioned } from "./client";
import type { CallFilter, ReplayRequest, TraceFilter } from "./types";

export type { Versioned } from "./client";

/** Rows of one page of a long list. */
export const PAGE_ROWS = 100;

type Filter = Omit<CallFilter, "limit" | "cursor">;

/** Something of it is still being worked out or changed. */
function isAtWork(row: { status: string }): boolean {
  return row.status === "estimating" || row.status === "running";
}

/** What is asked of the platform and under which key the answer is kept. Switching teams clears the whole cache. */
/** Who can say something about recording and the response cache. */
export type PolicySpeaker = "teams" | "api-keys" | "models";

function getPolicy(speaker: PolicySpeaker, options: { params: { path: { id: string } }; signal: AbortSignal }) {
  switch (speaker) {
    case "teams":
      return unwrap(client.GET("/api/teams/{id}/policy", options));
    case "api-keys":
      return unwrap(client.GET("/api/api-keys/{id}/policy", options));
    case "models":
      return unwrap(client.GET("/api/models/{id}/policy", options));
  }
}

export const queries = {
  setup: () => queryOptions({ queryKey: ["setup"], queryFn: ({ signal }) => unwrap(client.GET("/api/setup", { signal })), staleTime: 0 }),

  signInProviders: () =>
    queryOptions({ queryKey: ["sign-in-providers"], queryFn: ({ signal }) => unwrap(client.GET("/api/auth/providers", { signal })), staleTime: 60_000 }),

  info: () => queryOptions({ queryKey: ["info"], queryFn: ({ signal }) => unwrap(client.GET("/api/info", { signal })), staleTime: 60_000 }),

  calls: (filter: Filter) =>
    infiniteQueryOptions({
      queryKey: ["calls", filter],
      queryFn: ({ signal, pageParam }) =>
        unwrap(client.GET("/api/calls", { params: { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor ?? null,
      // The live feed brings what is new; asking for every page again would only move the list.
      staleTime: Infinity,
      refetchOnMount: "always",
    }),

  callsHead: (filter: Filter) => unwrap(client.GET("/api/calls", { params: { query: { ...filter, limit: PAGE_ROWS } } })),

  call: (id: string) =>
    queryOptions({
      queryKey: ["call", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/calls/{id}", { params: { path: { id } }, signal })),
      staleTime: 60_000,
    }),

  traces: (filter: Omit<TraceFilter, "limit" | "cursor">) =>
    infiniteQueryOptions({
      queryKey: ["traces", filter],
      queryFn: ({ signal, pageParam }) =>
        unwrap(client.GET("/api/traces", { params: { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor ?? null,
    }),

  trace: (traceId: string) =>
    queryOptions({
      queryKey: ["trace", traceId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/traces/{trace_id}", { params: { path: { trace_id: traceId } }, signal })),
    }),

  traceGraph: (traceId: string) =>
    queryOptions({
      queryKey: ["trace", traceId, "graph"],
      queryFn: ({ signal }) => unwrap(client.GET("/api/traces/{trace_id}/graph", { params: { path: { trace_id: traceId } }, signal })),
    }),

  diff: (a: string, b: string) =>
    queryOptions({
      queryKey: ["diff", a, b],
      queryFn: ({ signal }) => unwrap(client.GET("/api/traces/{trace_id}/diff/{other_id}", { params: { path: { trace_id: a, other_id: b } }, signal })),
    }),

  /** Replays of a run and the one that made it; looked at again while one goes on. */
  replays: (traceId: string) =>
    queryOptions({
      queryKey: ["replays", traceId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/replays", { params: { query: { trace_id: traceId, limit: 50 } }, signal })),
      refetchInterval: (query) => (query.state.data?.items.some((one) => one.ended_at === null || one.ended_at === undefined) === true ? 1_000 : false),
    }),

  replay: (id: string) =>
    queryOptions({
      queryKey: ["replay", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/replays/{id}", { params: { path: { id } }, signal })),
      refetchInterval: (query) => (query.state.data?.ended_at === null || query.state.data?.ended_at === undefined ? 1_000 : false),
    }),

  replayPlan: (wish: ReplayRequest) =>
    queryOptions({
      queryKey: ["replay-plan", wish],
      queryFn: ({ signal }) => unwrap(client.POST("/api/replays/plan", { body: wish, signal })),
      placeholderData: (before) => before,
      retry: false,
      gcTime: 0,
    }),

  agentUse: (fingerprint: string) =>
    queryOptions({
      queryKey: ["agent-use", fingerprint],
      queryFn: ({ signal }) => unwrap(client.GET("/api/agents/{fingerprint}", { params: { path: { fingerprint } }, signal })),
      staleTime: 60_000,
    }),

  corrections: () =>
    infiniteQueryOptions({
      queryKey: ["corrections"],
      queryFn: ({ signal, pageParam }) =>
        unwrap(client.GET("/api/agent-corrections", { params: { query: { limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor ?? null,
    }),

  overview: (from: string, to: string) =>
    queryOptions({
      queryKey: ["overview", from, to],
      queryFn: ({ signal }) => unwrap(client.GET("/api/analytics/overview", { params: { query: { from, to } }, signal })),
      placeholderData: (before) => before,
    }),

  models: () => queryOptions({ queryKey: ["models"], queryFn: ({ signal }) => unwrap(client.GET("/api/models", { signal })), staleTime: 30_000 }),

  providers: () => queryOptions({ queryKey: ["providers"], queryFn: ({ signal }) => unwrap(client.GET("/api/providers", { signal })), staleTime: 30_000 }),

  prices: (q: string, provider = "") =>
    infiniteQueryOptions({
      queryKey: ["prices", q, provider],
      queryFn: ({ signal, pageParam }) =>
        unwrap(client.GET("/api/prices", { params: { query: { limit: PAGE_ROWS, ...(q === "" ? {} : { q }), ...(provider === "" ? {} : { provider }), ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor ?? null,
      placeholderData: (before) => before,
    }),

  /** Those that people set, which stand first in the list. */
  setPrices: () =>
    queryOptions({ queryKey: ["prices", "set"], queryFn: ({ signal }) => unwrap(client.GET("/api/prices", { params: { query: { limit: 200 } }, signal })) }),

  whatIf: (asked: Record<"from" | "agent" | "route" | "model" | "models", string>) =>
    queryOptions({
      queryKey: ["what-if", asked],
      queryFn: ({ signal }) => unwrap(client.GET("/api/analytics/what-if", { params: { query: Object.fromEntries(Object.entries(asked).filter(([, value]) => value.trim() !== "")) }, signal })),
      retry: false,
    }),

  repricings: () =>
    infiniteQueryOptions({
      queryKey: ["repricings", "list"],
      queryFn: ({ signal, pageParam }) => unwrap(client.GET("/api/repricings", { params: { query: { limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor ?? null,
      refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some(isAtWork)) === true ? 2_000 : false),
    }),

  repricing: (id: string) =>
    queryOptions({
      queryKey: ["repricings", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/repricings/{id}", { params: { path: { id } }, signal })),
      refetchInterval: (query) => (query.state.data !== undefined && isAtWork(query.state.data) ? 1_000 : false),
    }),

  keys: () =>
    queryOptions({
      queryKey: ["keys"],
      queryFn: ({ signal }) => unwrap(client.GET("/api/api-keys", { params: { query: { limit: 200 } }, signal })),
    }),

  tokenIssuers: (teamId: string) =>
    queryOptions({
      queryKey: ["token-issuers", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/token-issuers", { params: { query: { team_id: teamId } }, signal })),
    }),

  tokenRules: (teamId: string) =>
    queryOptions({
      queryKey: ["token-rules", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/token-rules", { params: { query: { team_id: teamId, limit: 200 } }, signal })),
    }),

  members: (teamId: string) =>
    queryOptions({
      queryKey: ["members", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/teams/{id}/members", { params: { path: { id: teamId } }, signal })),
    }),

  budgets: (teamId: string) =>
    queryOptions({
      queryKey: ["budgets", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/budgets", { params: { query: { team_id: teamId, limit: 200 } }, signal })),
    }),

  budget: (teamId: string, id: string) =>
    queryOptions({
      queryKey: ["budget", teamId, id],
      queryFn: ({ signal }) => versioned(client.GET("/api/budgets/{id}", { params: { path: { id }, query: { team_id: teamId } }, signal })),
      // Read for changing it: never from memory.
      staleTime: 0,
      gcTime: 0,
      refetchOnWindowFocus: false,
    }),

  guardrails: (teamId: string) =>
    queryOptions({
      queryKey: ["guardrails", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/guardrails", { params: { query: { team_id: teamId, limit: 200 } }, signal })),
    }),

  hooks: (teamId: string) =>
    queryOptions({
      queryKey: ["hooks", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/hooks", { params: { query: { team_id: teamId, limit: 200 } }, signal })),
    }),

  /** What waits goes on by itself, so it is looked at again. */
  hookDeliveries: (teamId: string, id: string) =>
    queryOptions({
      queryKey: ["hook-deliveries", teamId, id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/hooks/{id}/deliveries", { params: { path: { id }, query: { team_id: teamId, limit: 50 } }, signal })),
      refetchInterval: 3_000,
    }),

  policy: (speaker: PolicySpeaker, id: string) =>
    queryOptions({
      queryKey: ["policy", speaker, id],
      queryFn: ({ signal }) => getPolicy(speaker, { params: { path: { id } }, signal }),
    }),

  runaway: (teamId: string) =>
    queryOptions({
      queryKey: ["runaway", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/runaway", { params: { query: { team_id: teamId } }, signal })),
    }),

  /** Those in force. */
  kills: (teamId?: string) =>
    queryOptions({
      queryKey: ["kills", teamId ?? ""],
      queryFn: ({ signal }) =>
        unwrap(client.GET("/api/kills", { params: { query: { active: true, limit: 200, ...(teamId === undefined ? {} : { team_id: teamId }) } }, signal })),
    }),

  invitations: (teamId: string) =>
    queryOptions({
      queryKey: ["invitations", teamId],
      queryFn: ({ signal }) => unwrap(client.GET("/api/teams/{id}/invitations", { params: { path: { id: teamId }, query: { limit: 200 } }, signal })),
    }),

  users: () =>
    queryOptions({
      queryKey: ["users"],
      queryFn: ({ signal }) => unwrap(client.GET("/api/users", { params: { query: { limit: 200 } }, signal })),
    }),

  crews: () => queryOptions({ queryKey: ["crews"], queryFn: ({ signal }) => unwrap(client.GET("/api/crews", { params: { query: { limit: 200 } }, signal })) }),

  crew: (id: string) =>
    queryOptions({
      queryKey: ["crew", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/crews/{id}", { params: { path: { id } }, signal })),
    }),

  crewRuns: (id: string) =>
    queryOptions({
      queryKey: ["crew-runs", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/crews/{id}/executions", { params: { path: { id }, query: { limit: 50 } }, signal })),
    }),

  run: (id: string) =>
    queryOptions({
      queryKey: ["run", id],
      queryFn: ({ signal }) => unwrap(client.GET("/api/executions/{id}", { params: { path: { id } }, signal })),
    }),
};
