import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { getSession, signedOut } from "@/api/session";
import { en } from "@/i18n/en";
import { ko } from "@/i18n/ko";
import { setPrefs } from "@/lib/prefs";
import { LoginPage } from "./login-page";
import { SignedInPage } from "./signed-in-page";
import { ssoErrorKey } from "./sso-error";

// The API's client keeps the fetch it finds when it is loaded.
const fetched = vi.hoisted(() => {
  const mock = vi.fn<(request: Request | string) => Promise<Response>>();
  globalThis.fetch = mock as typeof fetch;
  return mock;
});

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const me = { id: "22222222-2222-2222-2222-222222222222", name: "Ada", email: "ada@example.com", role: "developer", teams: [], settings: {}, created_at: "2026-01-01T00:00:00Z" };
const corp = { id: "corp", name: "Our company", login_url: "https://aop.example/api/auth/sso/login?provider=corp" };

let providers: unknown[] = [];
let session: () => Response = () => json(401, { code: "no_session" });

beforeEach(() => {
  setPrefs({ locale: "en", teamId: null });
  signedOut();
  providers = [];
  session = () => json(401, { code: "no_session" });
  fetched.mockReset();
  fetched.mockImplementation((request) => {
    const url = typeof request === "string" ? request : request.url;
    if (url.endsWith("/api/setup")) return Promise.resolve(json(200, { needs_admin: false, version: "1" }));
    if (url.endsWith("/api/auth/providers")) return Promise.resolve(json(200, { items: providers }));
    if (url.endsWith("/api/auth/refresh")) return Promise.resolve(session());
    return Promise.reject(new Error(url));
  });
});

function open(address: string) {
  const router = createMemoryRouter(
    [
      { path: "/login", element: <LoginPage /> },
      { path: "/signed-in", element: <SignedInPage /> },
      { path: "/calls", element: <p>the calls</p> },
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

test("each provider has a button that leads to it and back to the page that was wanted", async () => {
  providers = [corp];
  open("/login?next=%2Fcalls%3Fstatus%3Dok");
  const button = await screen.findByRole("link", { name: "Sign in with Our company" });
  expect(button.getAttribute("href")).toBe(`${corp.login_url}&return_to=%2Fcalls%3Fstatus%3Dok`);
});

test("a page of another site is not returned to", async () => {
  providers = [corp];
  open("/login?next=https%3A%2F%2Fevil.example");
  const button = await screen.findByRole("link", { name: "Sign in with Our company" });
  expect(button.getAttribute("href")).toBe(`${corp.login_url}&return_to=%2F`);
});

test("without a provider there is only the password", async () => {
  open("/login");
  await screen.findByLabelText("Password");
  await vi.waitFor(() => {
    expect(fetched.mock.calls.some(([request]) => typeof request !== "string" && request.url.endsWith("/api/auth/providers"))).toBe(true);
  });
  expect(screen.queryByText("or")).toBeNull();
});

test("a refusal is explained in the reader's language, and an unknown one as a failure", async () => {
  open("/login?sso_error=email_taken");
  expect((await screen.findByRole("alert")).textContent).toBe(en["sso.error.email_taken"]);
  expect(ssoErrorKey("toString")).toBe("sso.error.failed");
  expect(ssoErrorKey(null)).toBeNull();
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    if (key.startsWith("sso.error.")) expect(ko[key]).not.toBe(en[key]);
  }
});

test("a sign-in that ended elsewhere becomes a session and goes on to its page", async () => {
  session = () => json(200, { access_token: "t", expires_in_s: 900, user: me });
  open("/signed-in?next=%2Fcalls");
  await screen.findByText("the calls");
  expect(getSession().token).toBe("t");
});

test("a sign-in whose cookie did not arrive is told on the sign-in page", async () => {
  const router = open("/signed-in?next=%2Fcalls");
  expect((await screen.findByRole("alert")).textContent).toBe(en["sso.error.failed"]);
  expect(router.state.location.pathname).toBe("/login");
});
