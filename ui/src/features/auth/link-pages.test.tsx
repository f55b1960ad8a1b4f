import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { getSession, setMe, signedOut, signIn, type Me } from "@/api/session";
import { setPrefs, getPrefs } from "@/lib/prefs";
import { InvitationPage } from "./invitation-page";
import { forgetLinkToken, tokenIn } from "./link-token";
import { PasswordResetPage } from "./password-reset-page";

// The API's client keeps the fetch it finds when it is loaded. Which providers there are is asked beside what a test is about.
const { fetched, corp } = vi.hoisted(() => {
  const fetched = vi.fn<(request: Request) => Promise<Response>>();
  const corp: { items: unknown[] } = { items: [] };
  globalThis.fetch = ((request: Request) => {
    if (!request.url.endsWith("/api/auth/providers")) return fetched(request);
    return Promise.resolve(new Response(JSON.stringify(corp), { headers: { "Content-Type": "application/json" } }));
  }) as typeof fetch;
  return { fetched, corp };
});

const team = { id: "11111111-1111-1111-1111-111111111111", name: "Night shift", role: "member" };
const me = { id: "22222222-2222-2222-2222-222222222222", name: "Ada", email: "ada@example.com", role: "developer", teams: [] } as unknown as Me;
const joined = { ...me, teams: [team] } as unknown as Me;

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const refuse = (status: number, code: string) => json(status, { code, detail: `the platform's words for ${code}`, status });

beforeEach(() => {
  fetched.mockReset();
  corp.items = [];
  sessionStorage.clear();
  forgetLinkToken("/invitation");
  forgetLinkToken("/password-reset");
  setPrefs({ locale: "en", teamId: null });
  signedOut();
});

function open(address: string) {
  const router = createMemoryRouter(
    [
      { path: "/invitation", element: <InvitationPage /> },
      { path: "/password-reset", element: <PasswordResetPage /> },
      { path: "/login", element: <p>the sign-in page</p> },
      { path: "/", element: <p>home</p> },
    ],
    { initialEntries: [address] },
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

async function sent(): Promise<unknown> {
  expect(fetched).toHaveBeenCalledTimes(1);
  return fetched.mock.calls[0]?.[0].clone().json();
}

function answering(...answers: Response[]) {
  for (const answer of answers) fetched.mockResolvedValueOnce(answer);
}

async function fillAccount() {
  await userEvent.type(screen.getByLabelText("Name"), " Ada ");
  await userEvent.type(screen.getByLabelText("Password"), "a long enough password");
  await userEvent.click(screen.getByRole("button", { name: "Make account and join" }));
}

test("a token is read from the fragment only when there is one", () => {
  expect(tokenIn("#token=a-b_c")).toBe("a-b_c");
  expect(tokenIn("#token=")).toBeNull();
  expect(tokenIn("#other=1")).toBeNull();
  expect(tokenIn("")).toBeNull();
});

test("the token leaves the address and its history at once", async () => {
  const router = open("/invitation#token=secret-token");
  await screen.findByLabelText("Name");
  expect(router.state.location.hash).toBe("");
  expect(router.state.location.pathname).toBe("/invitation");
  expect(router.state.historyAction).toBe("REPLACE");
});

test("a page opened without a token says which link is needed", () => {
  open("/invitation");
  screen.getByText(/Open the link you were given/);
  expect(screen.queryByRole("button", { name: /join/i })).toBeNull();
});

test("a new account joins and is signed in to its team", async () => {
  answering(json(201, { access_token: "t", user: joined }));
  open("/invitation#token=secret-token");
  await fillAccount();
  await screen.findByText("home");
  expect(await sent()).toEqual({ token: "secret-token", name: "Ada", password: "a long enough password" });
  expect(getSession().status).toBe("signedIn");
  expect(getPrefs().teamId).toBe(team.id);
});

test("who is signed in joins with one click", async () => {
  signIn({ access_token: "t", user: me } as never);
  answering(json(200, joined));
  open("/invitation#token=secret-token");
  screen.getByText("ada@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Join team" }));
  await screen.findByText("home");
  expect(await sent()).toEqual({ token: "secret-token" });
  expect(getSession().me?.teams).toHaveLength(1);
  expect(getSession().token).toBe("t");
});

test("an invitation that counts no more says so and offers no form", async () => {
  answering(refuse(400, "invalid_invitation"));
  open("/invitation#token=old");
  await fillAccount();
  await screen.findByText(/unknown, used, revoked or expired/);
  expect(screen.queryByLabelText("Password")).toBeNull();
});

test("an invited address with an account is sent to sign in, and the token waits", async () => {
  answering(refuse(409, "sign_in_first"));
  const router = open("/invitation#token=secret-token");
  await fillAccount();
  await userEvent.click(await screen.findByRole("link", { name: "Sign in" }));
  await screen.findByText("the sign-in page");
  expect(router.state.location.search).toBe("?next=%2Finvitation");
  signIn({ access_token: "t", user: me } as never);
  setMe(me);
  await router.navigate("/invitation");
  await screen.findByRole("button", { name: "Join team" });
});

test("a token waits in this tab while its guest signs in elsewhere, and no longer", async () => {
  corp.items = [{ id: "corp", name: "Our company", login_url: "https://aop.example/api/auth/sso/login?provider=corp" }];
  open("/invitation#token=secret-token");
  expect(sessionStorage.length).toBe(0);
  const away = await screen.findByRole("link", { name: "Sign in with Our company" });
  expect(away.getAttribute("href")).toMatch(/&return_to=%2Finvitation$/);
  away.addEventListener("click", (event) => event.preventDefault());
  await userEvent.click(away);
  const kept = sessionStorage.getItem("aop.link-token") ?? "";
  expect(JSON.parse(kept)).toMatchObject({ pathname: "/invitation", token: "secret-token" });

  // The tab comes back: a page that knows nothing but what the tab kept.
  cleanup();
  forgetLinkToken("/invitation");
  sessionStorage.setItem("aop.link-token", kept);
  signIn({ access_token: "t", user: me } as never);
  answering(json(200, joined));
  open("/invitation");
  expect(sessionStorage.length).toBe(0);
  await userEvent.click(screen.getByRole("button", { name: "Join team" }));
  await screen.findByText("home");
  expect(await sent()).toEqual({ token: "secret-token" });
});

test("a token that waited too long, or for another page, is not taken", () => {
  const keep = (away: object) => sessionStorage.setItem("aop.link-token", JSON.stringify({ token: "t", pathname: "/invitation", ...away }));
  keep({ until_ms: Date.now() - 1 });
  open("/invitation");
  screen.getByText(/Open the link you were given/);
  expect(sessionStorage.length).toBe(0);
  cleanup();
  keep({ until_ms: Date.now() + 60_000 });
  open("/password-reset");
  expect(screen.queryByLabelText("New password")).toBeNull();
  expect(sessionStorage.length).toBe(1);
});

test("another account is offered to sign out", async () => {
  signIn({ access_token: "t", user: me } as never);
  answering(refuse(403, "other_account"), new Response(null, { status: 204 }));
  open("/invitation#token=secret-token");
  await userEvent.click(screen.getByRole("button", { name: "Join team" }));
  await screen.findByText(/for another email address/);
  await userEvent.click(screen.getByRole("button", { name: "Sign out" }));
  await screen.findByLabelText("Name");
  expect(getSession().status).toBe("anonymous");
});

test("a weak password is told in the platform's words and the form stays", async () => {
  answering(refuse(400, "weak_password"));
  open("/invitation#token=secret-token");
  await fillAccount();
  await screen.findByText("the platform's words for weak_password");
  expect(screen.getByLabelText("Name")).toHaveProperty("value", " Ada ");
});

test("a password link sets the password and leads to sign-in", async () => {
  answering(new Response(null, { status: 204 }));
  const router = open("/password-reset#token=secret-token");
  await userEvent.type(screen.getByLabelText("New password"), "a long enough password");
  expect(router.state.location.hash).toBe("");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  await screen.findByText(/The password is changed/);
  screen.getByRole("link", { name: "Sign in" });
  expect(await sent()).toEqual({ token: "secret-token", password: "a long enough password" });
});

test("a password link that counts no more says whom to ask", async () => {
  answering(refuse(400, "invalid_reset_link"));
  open("/password-reset#token=old");
  await userEvent.type(screen.getByLabelText("New password"), "a long enough password");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
  await screen.findByText(/Ask an administrator for a new one/);
  expect(screen.queryByLabelText("New password")).toBeNull();
});
