import { createBrowserRouter, type RouteObject } from "react-router";
import { Shell } from "@/features/shell/shell";
import { NotFound, RouteError } from "./route-error";
import { RequireSession } from "./require-session";

const pages: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import("@/features/dashboard/dashboard-page")).DashboardPage }) },
  { path: "what-if", lazy: async () => ({ Component: (await import("@/features/what-if/what-if-page")).WhatIfPage }) },
  { path: "start", lazy: async () => ({ Component: (await import("@/features/start/start-page")).StartPage }) },
  {
    path: "calls",
    lazy: async () => ({ Component: (await import("@/features/calls/calls-page")).CallsPage }),
    children: [{ path: ":callId", lazy: async () => ({ Component: (await import("@/features/calls/call-panel")).CallPanel }) }],
  },
  { path: "traces", lazy: async () => ({ Component: (await import("@/features/traces/traces-page")).TracesPage }) },
  { path: "traces/:traceId", lazy: async () => ({ Component: (await import("@/features/traces/trace-page")).TracePage }) },
  { path: "traces/:traceId/diff/:otherId", lazy: async () => ({ Component: (await import("@/features/diff/diff-page")).DiffPage }) },
  {
    path: "models",
    lazy: async () => ({ Component: (await import("@/features/models/models-page")).ModelsPage }),
    children: [
      { path: "providers/:providerId", lazy: async () => ({ Component: (await import("@/features/models/provider-panel")).ProviderPanel }) },
      { path: ":modelId", lazy: async () => ({ Component: (await import("@/features/models/model-panel")).ModelPanel }) },
    ],
  },
  {
    path: "prices",
    lazy: async () => ({ Component: (await import("@/features/prices/prices-page")).PricesPage }),
    children: [{ path: "set", lazy: async () => ({ Component: (await import("@/features/prices/price-panel")).PricePanel }) }],
  },
  {
    path: "prices/past",
    lazy: async () => ({ Component: (await import("@/features/repricing/repricings-page")).RepricingsPage }),
    children: [
      { path: "new", lazy: async () => ({ Component: (await import("@/features/repricing/repricing-form")).RepricingForm }) },
      { path: ":repricingId", lazy: async () => ({ Component: (await import("@/features/repricing/repricing-panel")).RepricingPanel }) },
    ],
  },
  {
    path: "keys",
    lazy: async () => ({ Component: (await import("@/features/keys/keys-page")).KeysPage }),
    children: [{ path: ":keyId", lazy: async () => ({ Component: (await import("@/features/keys/key-panel")).KeyPanel }) }],
  },
  { path: "crews", lazy: async () => ({ Component: (await import("@/features/crews/crews-page")).CrewsPage }) },
  { path: "crews/:crewId", lazy: async () => ({ Component: (await import("@/features/crews/crew-page")).CrewPage }) },
  { path: "crews/:crewId/runs/:executionId", lazy: async () => ({ Component: (await import("@/features/crews/run-page")).RunPage }) },
  { path: "settings", lazy: async () => ({ Component: (await import("@/features/settings/profile-page")).ProfilePage }) },
  { path: "settings/members", lazy: async () => ({ Component: (await import("@/features/settings/members-page")).MembersPage }) },
  { path: "settings/runaway", lazy: async () => ({ Component: (await import("@/features/runaway/runaway-page")).RunawayPage }) },
  { path: "settings/budgets", lazy: async () => ({ Component: (await import("@/features/budgets/budgets-page")).BudgetsPage }) },
  { path: "settings/corrections", lazy: async () => ({ Component: (await import("@/features/corrections/corrections-page")).CorrectionsPage }) },
  { path: "settings/content", lazy: async () => ({ Component: (await import("@/features/policies/policy-page")).PolicyPage }) },
  { path: "settings/hooks", lazy: async () => ({ Component: (await import("@/features/hooks/hooks-page")).HooksPage }) },
  { path: "settings/guardrails", lazy: async () => ({ Component: (await import("@/features/guardrails/guardrails-page")).GuardrailsPage }) },
  { path: "settings/users", lazy: async () => ({ Component: (await import("@/features/settings/users-page")).UsersPage }) },
  { path: "*", element: <NotFound /> },
];

/** Around every page: the last net, and what is seen for a moment while the first page's code arrives. */
const frame = { errorElement: <RouteError />, hydrateFallbackElement: <div className="h-full bg-background" /> };

export const router = createBrowserRouter([
  { path: "/login", lazy: async () => ({ Component: (await import("@/features/auth/login-page")).LoginPage }), ...frame },
  { path: "/signed-in", lazy: async () => ({ Component: (await import("@/features/auth/signed-in-page")).SignedInPage }), ...frame },
  { path: "/setup", lazy: async () => ({ Component: (await import("@/features/auth/setup-page")).SetupPage }), ...frame },
  { path: "/register", lazy: async () => ({ Component: (await import("@/features/auth/register-page")).RegisterPage }), ...frame },
  { path: "/invitation", lazy: async () => ({ Component: (await import("@/features/auth/invitation-page")).InvitationPage }), ...frame },
  { path: "/password-reset", lazy: async () => ({ Component: (await import("@/features/auth/password-reset-page")).PasswordResetPage }), ...frame },
  {
    path: "/",
    element: <RequireSession />,
    ...frame,
    children: [{ element: <Shell />, children: [{ errorElement: <RouteError />, children: pages }] }],
  },
]);
