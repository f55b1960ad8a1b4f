// One-time links from end to end: an administrator hands them over, somebody else opens them in a browser of their own.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, openBrowser, openContext, picture, setPrefs } from "./browser.mjs";
import { admin, adminToken, startPlatform } from "./platform.mjs";

const guest = { name: "Grace", email: "grace@example.com", password: "a password of her own" };
const newPassword = "another password of hers";

describe("one-time links", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  let platform, browser, office, desk, home, page, invitation, reset;

  before(async () => {
    platform = await startPlatform();
    await adminToken(platform);
    browser = await openBrowser();
    office = await openContext(browser);
    desk = await office.context.newPage();
    home = await openContext(browser);
    page = await home.context.newPage();
    await desk.goto(`${platform.url}/login`);
    await signIn(desk, admin.email, admin.password);
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `links-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  async function signIn(on, email, password) {
    await on.getByLabel("Email").fill(email);
    await on.getByLabel("Password").fill(password);
    await on.getByRole("button", { name: "Sign in", exact: true }).click();
    await on.getByRole("link", { name: "Live calls" }).waitFor();
  }

  it("an owner makes an invitation, shown once", async () => {
    await desk.goto(`${platform.url}/settings/members`);
    await desk.getByLabel("Invite by email").fill(guest.email);
    await desk.getByLabel("New account").selectOption("developer");
    await desk.getByRole("button", { name: "Make invitation link" }).click();
    invitation = await desk.getByRole("status").locator("code").innerText();
    assert.match(invitation, /\/invitation#token=/);
    await desk.reload();
    await desk.getByText(guest.email).waitFor();
    assert.ok(!(await desk.content()).includes(invitation), "the link is nowhere on the page any more");
    assertQuiet(office.complaints, "inviting");
  });

  it("the guest opens it, makes an account and is in the team", async () => {
    await page.goto(invitation);
    await page.getByLabel("Name").fill(guest.name);
    await page.getByLabel("Password").fill(guest.password);
    assert.equal(new URL(page.url()).hash, "", "the token left the address bar");
    await assertAccessible(page, "an invitation");
    await page.getByRole("button", { name: "Make account and join" }).click();
    await page.getByRole("link", { name: "Live calls" }).waitFor();
    await page.goto(`${platform.url}/settings/members`);
    await page.getByText(guest.email).waitFor();
    assertQuiet(home.complaints, "accepting");
  });

  it("the link is good once, in both languages", async () => {
    const other = await openContext(browser);
    const stranger = await other.context.newPage();
    for (const [locale, button, sentence] of [["en", "Make account and join", "unknown, used, revoked or expired"], ["ko", "계정 만들고 참여", "기한이 지난 초대입니다"]]) {
      await stranger.goto(`${platform.url}/login`);
      await setPrefs(stranger, { locale });
      await stranger.goto("about:blank");
      await stranger.goto(invitation);
      await stranger.getByRole("textbox").first().fill("Mallory");
      await stranger.locator("input[type=password]").fill("a password of mine");
      await stranger.getByRole("button", { name: button }).click();
      await stranger.getByRole("alert").getByText(sentence).waitFor();
    }
    // The browser itself reports the refused requests; those lines are expected.
    assert.ok(other.complaints.splice(0).every((line) => line.includes("400")));
    await other.context.close();
  });

  it("an administrator makes a password link for the guest, who is signed out by using it", async () => {
    await desk.goto(`${platform.url}/settings/users`);
    await desk.getByRole("button", { name: `Make password link for ${guest.name}` }).click();
    reset = await desk.getByRole("status").locator("code").innerText();
    assert.match(reset, /\/password-reset#token=/);
    assertQuiet(office.complaints, "the password link");
    await page.goto("about:blank");
    await page.goto(reset);
    await page.getByLabel("New password").fill(newPassword);
    await assertAccessible(page, "a new password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByRole("status").getByRole("link", { name: "Sign in" }).click();
    // Her sessions have ended, and the browser reports that it was told so.
    assert.ok(home.complaints.splice(0).every((line) => line.includes("401")));
    await signIn(page, guest.email, newPassword);
    assertQuiet(home.complaints, "signing in with the new password");
  });

  it("the password link is good once, and the old password for nothing", async () => {
    const other = await openContext(browser);
    const stranger = await other.context.newPage();
    await stranger.goto(reset);
    await stranger.getByLabel("New password").fill("a password of mine");
    await stranger.getByRole("button", { name: "Change password" }).click();
    await stranger.getByRole("alert").waitFor();
    await stranger.goto(`${platform.url}/login`);
    await stranger.getByLabel("Email").fill(guest.email);
    await stranger.getByLabel("Password").fill(guest.password);
    await stranger.getByRole("button", { name: "Sign in", exact: true }).click();
    await stranger.getByRole("alert").getByText("Email or password is wrong.").waitFor();
    await other.context.close();
  });
});
