import { beforeEach, expect, test, vi } from "vitest";

const hint = "aop.signed-in";
const fetched = vi.fn<() => Promise<Response>>();

beforeEach(() => {
  vi.resetModules();
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  localStorage.setItem(hint, "1");
});

/** A page that was just opened, and has asked for its session. */
async function opened() {
  const session = await import("./session");
  session.restoreSession();
  await vi.waitFor(() => {
    expect(session.getSession().status).not.toBe("loading");
  });
  return session.getSession().status;
}

test("a page that is left while it asks for its session leaves the next page its session", async () => {
  fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  expect(await opened()).toBe("anonymous");
  expect(localStorage.getItem(hint)).toBe("1");
  vi.resetModules();
  fetched.mockResolvedValueOnce(Response.json({ access_token: "t", expires_in_s: 900, user: { teams: [] } }));
  expect(await opened()).toBe("signedIn");
});

test("a platform that is not well signs nobody out", async () => {
  fetched.mockResolvedValueOnce(new Response(null, { status: 503 }));
  expect(await opened()).toBe("anonymous");
  expect(localStorage.getItem(hint)).toBe("1");
});

test("a session that is over is forgotten, and not asked for again", async () => {
  fetched.mockResolvedValueOnce(new Response(null, { status: 401 }));
  expect(await opened()).toBe("anonymous");
  expect(localStorage.getItem(hint)).toBeNull();
  vi.resetModules();
  expect(await opened()).toBe("anonymous");
  expect(fetched).toHaveBeenCalledTimes(1);
});
