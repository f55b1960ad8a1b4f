import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { signIn } from "@/api/session";
import { en } from "@/i18n/en";
import { ko } from "@/i18n/ko";
import { setPrefs } from "@/lib/prefs";
import { TokenRules } from "./token-rules";

// The API's client keeps the fetch it finds when it is loaded.
const fetched = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as typeof fetch;
  return mock;
});

const team = { id: "11111111-1111-1111-1111-111111111111", name: "Night shift", role: "owner" };
const issuer = { issuer: "https://login.example.com", audiences: ["aop"] };
const key = { id: "33333333-3333-3333-3333-333333333333", name: "service" };
const rule = { id: "44444444-4444-4444-4444-444444444444", issuer: issuer.issuer, claim: "groups", value: "ops", key_id: key.id, key_name: key.name, position: 100, created_at: "2026-01-01T00:00:00Z" };

let issuers: unknown[] = [];
let rules: unknown[] = [];
let sent: { method: string; path: string; body: unknown }[] = [];

beforeEach(() => {
  setPrefs({ locale: "en", teamId: team.id });
  issuers = [issuer];
  rules = [];
  sent = [];
  fetched.mockReset();
  fetched.mockImplementation(async (request) => {
    const { pathname } = new URL(request.url);
    const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
    if (request.method !== "GET") {
      sent.push({ method: request.method, path: pathname, body: request.method === "POST" ? await request.json() : null });
      rules = request.method === "POST" ? [rule] : [];
      return request.method === "POST" ? json(201, rule) : new Response(null, { status: 204 });
    }
    return json(200, { items: pathname === "/api/token-issuers" ? issuers : pathname === "/api/token-rules" ? rules : [key] });
  });
});

function open(role: "admin" | "developer") {
  signIn({ access_token: "t", user: { id: "22222222-2222-2222-2222-222222222222", name: "Ada", email: "ada@example.com", role, teams: [team] } } as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TokenRules />
    </QueryClientProvider>,
  );
}

test("an administrator makes a rule and takes it away, asked twice", async () => {
  open("admin");
  await screen.findByText(en["tokens.none"]);
  await userEvent.type(screen.getByLabelText("Claim"), "groups");
  await userEvent.type(screen.getByLabelText("Value"), "ops");
  await userEvent.selectOptions(await screen.findByLabelText("Acts as key"), await screen.findByRole("option", { name: "service" }));
  await userEvent.click(screen.getByRole("button", { name: "Make rule" }));
  await screen.findByText("groups is ops");
  expect(sent[0]).toEqual({ method: "POST", path: "/api/token-rules", body: { issuer: issuer.issuer, claim: "groups", value: "ops", key_id: key.id, position: 100 } });
  await userEvent.click(screen.getByRole("button", { name: "Remove the rule groups is ops" }));
  expect(sent).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: /^Really remove the rule groups is ops/ }));
  await screen.findByText(en["tokens.none"]);
  expect(sent[1]).toMatchObject({ method: "DELETE", path: `/api/token-rules/${rule.id}` });
});

test("a team's owner sees rules and makes none", async () => {
  rules = [rule];
  open("developer");
  await screen.findByText("groups is ops");
  screen.getByText(en["tokens.onlyAdmins"]);
  expect(screen.queryByRole("button", { name: "Make rule" })).toBeNull();
});

test("where no tokens are taken there is nothing to see", async () => {
  issuers = [];
  open("admin");
  await waitFor(() => expect(fetched).toHaveBeenCalledTimes(2));
  expect(screen.queryByText(en["tokens.title"])).toBeNull();
});

test("every sentence is in both languages", () => {
  for (const id of Object.keys(en) as (keyof typeof en)[]) {
    if (id.startsWith("tokens.")) expect(ko[id]).not.toBe(en[id]);
  }
});
