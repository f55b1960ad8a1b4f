import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { signIn } from "@/api/session";
import type { User } from "@/api/types";
import { setPrefs } from "@/lib/prefs";
import { UserTable } from "./users-page";

// The API's client keeps the fetch it finds when it is loaded.
const fetched = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as typeof fetch;
  return mock;
});

const user = (id: string, name: string, is_active = true) => ({ id, name, email: `${id}@example.com`, role: "developer", is_active, last_login_at: null }) as unknown as User;
const users = [user("ada", "Ada"), user("grace", "Grace"), user("locked", "Locked", false)];

beforeEach(() => {
  fetched.mockReset();
  setPrefs({ locale: "en" });
  signIn({ access_token: "t", user: { ...users[0], role: "admin", teams: [] } } as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <UserTable users={users} />
    </QueryClientProvider>,
  );
});

test("a password link is made for others who may sign in", () => {
  const buttons = screen.getAllByRole("button", { name: /password link/ });
  expect(buttons.map((button) => button.getAttribute("aria-label"))).toEqual(["Make password link for Grace"]);
});

test("a password link is shown once", async () => {
  const answer = { token: "secret", link: "http://aop.example/password-reset#token=secret", expires_at: "2026-01-01T01:00:00Z" };
  fetched.mockResolvedValueOnce(new Response(JSON.stringify(answer), { status: 201, headers: { "Content-Type": "application/json" } }));
  await userEvent.click(screen.getByRole("button", { name: "Make password link for Grace" }));
  await screen.findByText(answer.link);
  screen.getByText("Password link for Grace (grace@example.com)");
  const request = fetched.mock.calls[0]?.[0];
  expect(request?.method).toBe("POST");
  expect(request?.url).toMatch(/\/api\/users\/grace\/password-reset$/);
  await userEvent.click(screen.getByRole("button", { name: "I have copied it" }));
  expect(screen.queryByText(answer.link)).toBeNull();
});
