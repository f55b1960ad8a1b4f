import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type CallSummary = Schemas["CallSummary"];
export type CallDetail = Schemas["CallDetail"];
export type CallContent = Schemas["CallContent"];
export type CallStatus = Schemas["CallStatus"];
export type CallAttempt = Schemas["Attempt"];
export type TokenUsage = Schemas["TokenUsage"];
export type InFlightCall = Schemas["InFlightCall"];
export type RunawayMark = Schemas["RunawayMark"];
export type TraceSummary = Schemas["TraceSummary"];
export type TraceDetail = Schemas["TraceDetail"];
export type Span = Schemas["Span"];
export type Overview = Schemas["Overview"];
export type Figures = Schemas["Figures"];
export type Group = Schemas["Group"];
export type Model = Schemas["Model"];
export type ModelRequest = Schemas["ModelRequest"];
export type Provider = Schemas["Provider"];
export type Price = Schemas["Price"];
export type Repricing = Schemas["Repricing"];
export type RepricingLine = Schemas["RepricingLine"];
export type RepricingReport = Schemas["RepricingReport"];
export type WhatIf = Schemas["WhatIf"];
export type WhatIfModel = Schemas["WhatIfModel"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type Permission = Schemas["Permission"];
export type Member = Schemas["Member"];
export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type Budget = Schemas["Budget"];
export type TokenIssuer = Schemas["TokenIssuer"];
export type TokenRule = Schemas["TokenRule"];
export type ContentPolicy = Schemas["ContentPolicy"];
export type Guardrail = Schemas["Guardrail"];
export type GuardrailCheck = Schemas["GuardrailCheck"];
export type Hook = Schemas["Hook"];
export type HookAct = Schemas["HookAct"];
export type HookDelivery = Schemas["HookDelivery"];
export type PutHookRequest = Schemas["PutHookRequest"];
export type GuardrailOutcome = Schemas["GuardrailOutcome"];
export type PutGuardrailRequest = Schemas["PutGuardrailRequest"];
export type Runaway = Schemas["Runaway"];
export type RunawayPolicy = Schemas["RunawayPolicy"];
export type Kill = Schemas["Kill"];
export type Invitation = Schemas["Invitation"];
export type NewInvitation = Schemas["NewInvitation"];
export type OneTimeLink = Schemas["OneTimeLink"];
export type SignedIn = Schemas["SignedIn"];

export type Replay = Schemas["Replay"];
export type ReplayDetail = Schemas["ReplayDetail"];
export type ReplayStep = Schemas["ReplayStep"];
export type ReplayPlan = Schemas["ReplayPlan"];
export type ReplayRequest = Schemas["ReplayRequest"];
export type TraceDiff = Schemas["TraceDiff"];
export type DiffStep = Schemas["DiffStep"];
export type DiffCall = Schemas["DiffCall"];
export type DiffRun = Schemas["DiffRun"];

export type Crew = Schemas["Crew"];
export type Execution = Schemas["Execution"];

export type CallFilter = NonNullable<operations["list_calls"]["parameters"]["query"]>;
export type TraceFilter = NonNullable<operations["list_traces"]["parameters"]["query"]>;

/** How a field about a caller came to be known. */
export type Found = TraceDetail["found"];
/** A branch or leaf of a run, as the platform built it. */
export type RunNode = TraceDetail["tree"][number];
/** One who speaks in a run. */
export type Speaker = TraceDetail["run_agents"][number];
export type Totals = Speaker["totals"];
export type Handover = TraceDetail["handovers"][number];
export type Loop = TraceDetail["loops"][number];
export type CacheBreak = TraceDetail["cache_breaks"][number];
export type TraceGraph = Schemas["TraceGraph"];
export type GraphEdge = TraceGraph["edges"][number];
export type AgentCorrection = Schemas["AgentCorrection"];
export type NewAgentCorrection = Schemas["CorrectionRequest"];
