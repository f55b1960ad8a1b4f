import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { signIn } from "@/api/session";
import type { Invitation } from "@/api/types";
import { TooltipProvider } from "@/components/ui/tooltip";
import { setPrefs } from "@/lib/prefs";
import { Invitations } from "./invitations";

// The API's client keeps the fetch it finds when it is loaded.
const fetched = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as typeof fetch;
  // jsdom's signals are not those of the platform's Request.
  const Plain = globalThis.Request;
  globalThis.Request = class extends Plain {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(input, init === undefined ? undefined : { ...init, signal: null });
    }
  };
  return mock;
});

const address = "/api/teams/team-1/invitations";
let open: Invitation[] = [];
let asked: unknown[] = [];

/** A team's invitations as the API keeps them. */
async function platform(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  if (request.method === "GET" && pathname === address) return json(200, { items: open, next_cursor: null });
  if (request.method === "POST" && pathname === address) {
    const body = (await request.json()) as Pick<Invitation, "email" | "role" | "account_role">;
    asked.push(body);
    const made: Invitation = { ...body, id: `invitation-${String(open.length)}`, created_at: "2026-01-01T00:00:00Z", expires_at: "2026-01-08T00:00:00Z" };
    open = [made, ...open];
    return json(201, { invitation: made, link: { token: "secret", link: "http://aop.example/invitation#token=secret", expires_at: made.expires_at } });
  }
  if (request.method === "DELETE") {
    open = open.filter((one) => pathname !== `${address}/${one.id}`);
    return new Response(null, { status: 204 });
  }
  return json(404, { code: "not_found", detail: "There is no such page." });
}

function show(role: "admin" | "developer") {
  signIn({ access_token: "t", user: { id: "me", name: "Ada", email: "ada@example.com", role, teams: [] } } as never);
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <TooltipProvider>
        <Invitations teamId="team-1" />
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  open = [];
  asked = [];
  fetched.mockReset();
  fetched.mockImplementation(platform);
  setPrefs({ locale: "en" });
});

test("an invitation's link is shown once, listed without it, and revoked", async () => {
  show("developer");
  await screen.findByText("No invitation is open.");
  await userEvent.type(screen.getByLabelText("Invite by email"), "grace@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Make invitation link" }));
  await screen.findByText("http://aop.example/invitation#token=secret");
  expect(asked).toEqual([{ email: "grace@example.com", role: "member" }]);
  await screen.findByRole("cell", { name: "grace@example.com" });
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText(/token=secret/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Revoke the invitation for grace@example.com" }));
  await screen.findByText("No invitation is open.");
});

test("revoking an invitation takes its link off the screen", async () => {
  show("developer");
  await userEvent.type(screen.getByLabelText("Invite by email"), "grace@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Make invitation link" }));
  await screen.findByText(/token=secret/);
  await userEvent.click(await screen.findByRole("button", { name: /Revoke the invitation/ }));
  await screen.findByText("No invitation is open.");
  expect(screen.queryByText(/token=secret/)).toBeNull();
});

test("only an administrator says what a new account may do", async () => {
  show("developer");
  await screen.findByText("No invitation is open.");
  expect(screen.queryByLabelText("New account")).toBeNull();
});

test("an administrator's invitation can spare the approval", async () => {
  show("admin");
  await userEvent.type(screen.getByLabelText("Invite by email"), "grace@example.com");
  await userEvent.selectOptions(screen.getByLabelText("New account"), "developer");
  await userEvent.click(screen.getByRole("button", { name: "Make invitation link" }));
  await screen.findByText(/token=secret/);
  expect(asked).toEqual([{ email: "grace@example.com", role: "member", account_role: "developer" }]);
});
