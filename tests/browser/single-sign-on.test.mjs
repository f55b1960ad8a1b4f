// Signing in with an account from elsewhere, in a real browser: cookies, redirects between two origins, refusals.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, openBrowser, openContext, picture, setPrefs } from "./browser.mjs";
import { startProvider } from "./oidc.mjs";
import { adminToken, startPlatform } from "./platform.mjs";

describe("single sign-on", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "needs a platform that is set up for it" : false }, () => {
  let provider, platform, browser, context, complaints, page, admin;

  before(async () => {
    provider = await startProvider();
    platform = await startPlatform({
      AOP_OIDC_PROVIDERS: "corp",
      AOP_OIDC_CORP_NAME: "Example Corp",
      AOP_OIDC_CORP_ISSUER: provider.issuer,
      AOP_OIDC_CORP_CLIENT_ID: provider.client.id,
      AOP_OIDC_CORP_CLIENT_SECRET: provider.client.secret,
      AOP_OIDC_CORP_EMAIL_DOMAINS: "example.com",
    });
    admin = await adminToken(platform);
    browser = await openBrowser();
    ({ context, complaints } = await openContext(browser));
    page = await context.newPage();
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `sso-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await browser?.close();
    await platform?.stop();
    await provider?.stop();
  });

  const signIn = async (choice = "Continue as Grace") => {
    await page.getByRole("link", { name: "Sign in with Example Corp" }).click();
    await page.getByRole("link", { name: choice }).click();
  };

  it("offers the provider on the sign-in page, beside the password", async () => {
    await page.goto(`${platform.url}/calls`);
    await page.getByRole("link", { name: "Sign in with Example Corp" }).waitFor();
    await page.getByLabel("Password").waitFor();
    await assertAccessible(page, "sign-in with a provider");
    assertQuiet(complaints, "sign-in with a provider");
  });

  it("makes an account that waits for approval, and nothing of it stands in the address bar", async () => {
    await signIn();
    await page.getByRole("heading", { name: "Waiting for approval" }).waitFor();
    await page.getByText("grace@example.com").waitFor();
    assert.equal(page.url(), `${platform.url}/calls`);
    const cookies = await context.cookies(platform.url);
    const session = cookies.find((cookie) => cookie.name === "aop_refresh");
    assert.deepEqual([session.httpOnly, session.sameSite], [true, "Strict"]);
    assert.ok(!cookies.some((cookie) => cookie.name === "aop_sso"), "what the browser kept meanwhile is gone");
    assertQuiet(complaints, "the pending account");
  });

  it("lets the person in once approved, still there after a reload", async () => {
    const call = (path, method, body) =>
      fetch(`${platform.url}${path}`, { method, headers: { Authorization: `Bearer ${admin}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const users = await (await call("/api/users", "GET")).json();
    const grace = users.items.find((user) => user.email === "grace@example.com");
    const teams = await (await call("/api/teams", "GET")).json();
    assert.equal((await call(`/api/users/${grace.id}`, "PATCH", { role: "developer" })).status, 200);
    assert.equal((await call(`/api/teams/${teams.items[0].id}/members`, "POST", { email: grace.email, role: "member" })).status, 204);
    await page.reload();
    await page.getByRole("heading", { name: "Live calls" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Live calls" }).waitFor();
    assertQuiet(complaints, "the approved account");
  });

  it("signs out, and signs the same person in again", async () => {
    await page.getByRole("button", { name: /Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
    assert.ok(!(await context.cookies(platform.url)).some((cookie) => cookie.name === "aop_refresh"));
    await signIn();
    await page.getByRole("button", { name: /Account/ }).waitFor();
    assertQuiet(complaints, "signing in again");
    await page.getByRole("button", { name: /Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
  });

  it("keeps a session whose renewal was answered to a page that was gone", async () => {
    await page.goto(`${platform.url}/login`);
    await signIn();
    await page.getByRole("button", { name: /Account/ }).waitFor();
    assertQuiet(complaints, "before a lost answer");
    // The platform renews the session, and the answer is lost on its way: the browser keeps the token that is used up.
    const lose = async (route) => {
      const { value } = (await context.cookies(platform.url)).find((cookie) => cookie.name === "aop_refresh");
      const answer = await fetch(route.request().url(), { method: "POST", headers: { Cookie: `aop_refresh=${value}`, Origin: platform.url, "Content-Type": "application/json" }, body: "{}" });
      assert.equal(answer.status, 200);
      await route.abort();
    };
    await page.route("**/api/auth/refresh", lose, { times: 1 });
    await page.reload();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
    assert.ok(complaints.splice(0).every((line) => line.includes("ERR_FAILED")));
    await page.reload();
    await page.getByRole("button", { name: /Account/ }).waitFor();
    // Left again and again while it renews: each page is opened before the one before had its answer.
    for (let count = 0; count < 5; count++) await page.goto(`${platform.url}/calls?n=${count}`, { waitUntil: "commit" });
    await page.getByRole("button", { name: /Account/ }).waitFor();
    complaints.splice(0);
    await page.getByRole("button", { name: /Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
  });

  it("an invited guest signs in at the provider on the way, and is in the team", async () => {
    const call = async (path, body) => {
      const answer = await fetch(`${platform.url}${path}`, { method: "POST", headers: { Authorization: `Bearer ${admin}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
      assert.equal(answer.status, 201);
      return answer.json();
    };
    const team = await call("/api/teams", { name: "Night shift" });
    const { link: { link } } = await call(`/api/teams/${team.id}/invitations`, { email: "grace@example.com", role: "member" });
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByLabel("Name").waitFor();
    assert.equal(new URL(page.url()).hash, "", "the token left the address bar");
    await signIn();
    await page.getByRole("button", { name: "Join team" }).click();
    await page.getByText("Night shift").first().waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0, "the tab keeps no token");
    await page.getByRole("button", { name: /Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
    assertQuiet(complaints, "an invitation by way of the provider");
  });

  it("says why somebody is refused, in both languages and themes", async () => {
    const refusals = [
      ["Refuse", {}, "The provider did not let you in", "거절했거나"],
      ["Continue as Grace", { email: "grace@elsewhere.example" }, "Email addresses of your domain", "이 도메인의"],
      ["Continue as Grace", { sub: "person-2", email: "admin@example.com" }, "There is an account with your email address", "같은 이메일 주소"],
      ["Continue as Grace", { email_verified: false }, "does not say that your email address is verified", "확인되지 않았습니다"],
    ];
    const honest = { ...provider.person };
    for (const [choice, lie, english, korean] of refusals) {
      Object.assign(provider.person, honest, lie);
      await page.goto(`${platform.url}/login`);
      await signIn(choice);
      await page.getByRole("alert").getByText(english).waitFor();
      for (const theme of ["light", "dark"]) {
        await setPrefs(page, { theme, locale: "ko" });
        await page.reload();
        await page.getByRole("alert").getByText(korean).waitFor();
        await page.getByRole("link", { name: "Example Corp 계정으로 로그인" }).waitFor();
        await assertAccessible(page, `a refusal (${theme})`);
      }
      await setPrefs(page, { theme: "light", locale: "en" });
      await page.reload();
      assertQuiet(complaints, `a refusal: ${english}`);
    }
    Object.assign(provider.person, honest);
  });

  it("does not let another browser end a sign-in, nor this one end it twice", async () => {
    await page.goto(`${platform.url}/login`);
    await page.getByRole("link", { name: "Sign in with Example Corp" }).click();
    const callback = await page.getByRole("link", { name: "Continue as Grace" }).getAttribute("href");
    const other = await openContext(browser);
    const foreign = await other.context.newPage();
    await foreign.goto(callback);
    await foreign.getByRole("alert").getByText("not begun in this browser").waitFor();
    assert.ok(!(await other.context.cookies(platform.url)).some((cookie) => cookie.name === "aop_refresh"));
    await other.context.close();
    const kept = (await context.cookies(platform.url)).filter((cookie) => cookie.name === "aop_sso");
    await page.getByRole("link", { name: "Continue as Grace" }).click();
    await page.getByRole("button", { name: /Account/ }).waitFor();
    await context.clearCookies({ name: "aop_refresh" });
    await context.addCookies(kept);
    await page.goto(callback);
    await page.getByRole("alert").getByText("not begun in this browser").waitFor();
  });
});
