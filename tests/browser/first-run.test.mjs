// What a newcomer does, in a real browser against the whole platform: the first administrator, the snippet, the first call,
// the demo crew, and then every page in both themes and both languages.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, afterEach, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { assertAccessible, assertQuiet, openBrowser, openContext, picture, setPrefs } from "./browser.mjs";
import { admin, python, startPlatform, until } from "./platform.mjs";

const run = promisify(execFile);

describe("the first run", { concurrency: false }, () => {
  let platform, browser, context, complaints, page, snippet, firstCallUrl, traceUrl, runUrl;

  before(async () => {
    platform = await startPlatform();
    browser = await openBrowser();
    ({ context, complaints } = await openContext(browser));
    page = await context.newPage();
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, t.name.replace(/\W+/g, "-"));
  });

  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  it("opens on a page that asks for the printed link", async () => {
    await page.goto(platform.url);
    await page.getByText("Open the link that was printed").waitFor();
    assertQuiet(complaints, "the page before set-up");
    await assertAccessible(page, "the page before set-up");
  });

  it("makes the first administrator from the link", async () => {
    await page.goto(`${platform.url}/setup?token=${platform.setupToken}`);
    await page.getByLabel("Name").fill(admin.name);
    await page.getByLabel("Email").fill(admin.email);
    await page.getByLabel("Password").fill(admin.password);
    await assertAccessible(page, "set-up");
    await page.getByRole("button", { name: "Make administrator" }).click();
    await page.getByRole("heading", { name: "A provider is connected" }).waitFor();
    assert.match(await page.getByText("models are ready to call").innerText(), /Simulator/i);
    assertQuiet(complaints, "set-up");
  });

  it("puts a key into the snippet and waits for the call", async () => {
    await page.getByText("Waiting for the first call").waitFor();
    await page.getByRole("button", { name: "Make a key for it" }).click();
    await page.getByText("The key is in the snippet").waitFor();
    await page.getByRole("tab", { name: "Python" }).click();
    snippet = await page.locator("pre[aria-label=\"Copy the snippet and run it\"] code").innerText();
    assert.match(snippet, /from openai import OpenAI/);
    assert.match(snippet, /api_key="aop-[^."]/);
    assertQuiet(complaints, "the start page");
  });

  it("shows the snippet's call the moment it was made", async () => {
    // As it stands on the page, with the official client.
    const { stdout } = await run(python(), ["-c", snippet], { timeout: 60_000 });
    assert.match(stdout, /\w+/);
    const row = page.getByRole("list", { name: "Watch the call arrive" }).getByRole("link");
    await row.first().waitFor({ timeout: 10_000 });
    assert.match(await row.first().innerText(), /first-agent/);
    await row.first().click();
    await page.getByRole("complementary", { name: "Call" }).getByText("First token").waitFor();
    firstCallUrl = page.url();
    assertQuiet(complaints, "the first call");
  });

  it("tells the call in full: request, answer, tokens, cost, route", async () => {
    const panel = page.getByRole("complementary", { name: "Call" });
    await panel.getByText("Say hello to my agents.").waitFor();
    await panel.getByRole("heading", { name: "Answer" }).waitFor();
    assert.match(await panel.locator("dl").nth(1).innerText(), /\$0\.\d+/, "the demo price gives a cost");
    await page.keyboard.press("r");
    await panel.getByRole("heading", { name: "Request" }).waitFor();
    await panel.getByRole("tab", { name: "Identity" }).click();
    await panel.getByText("x-aop", { exact: false }).or(panel.getByText("aop_header")).first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("table", { name: "Live calls" }).waitFor();
    assertQuiet(complaints, "one call");
  });

  it("adds a call to the live list without a reload", async () => {
    const table = page.getByRole("table", { name: "Live calls" });
    const rows = async () => Number(await table.getAttribute("aria-rowcount"));
    await page.goto(`${platform.url}/start`);
    await page.getByRole("tab", { name: "curl" }).click();
    const shown = await page.locator("pre[aria-label=\"Copy the snippet and run it\"] code").innerText();
    const key = /api_key="([^"]+)"/.exec(snippet)[1];
    const curl = shown.replace(/Bearer aop-[^"]*/, `Bearer ${key}`);
    await page.goto(`${platform.url}/calls`);
    await table.waitFor();
    const before = await rows();
    const { stdout } = await run("sh", ["-c", curl], { timeout: 30_000 });
    assert.match(stdout, /data: \[DONE\]/);
    await until("the new call is in the list", 10_000, async () => (await rows()) > before);
    assertQuiet(complaints, "live calls");
  });

  it("runs the demo crew with one click and shows it agent by agent", async () => {
    await page.goto(`${platform.url}/start`);
    await page.getByRole("button", { name: "Run Demo crew" }).click();
    await page.waitForURL(/\/crews\/.*\/runs\//);
    runUrl = page.url();
    const transcript = page.getByRole("region", { name: "What the crew does" });
    await transcript.getByText("Researcher").first().waitFor();
    await transcript.getByText("calculator").first().waitFor({ timeout: 60_000 });
    await transcript.getByText("hand-over").waitFor({ timeout: 60_000 });
    await page.getByText("done", { exact: true }).waitFor({ timeout: 60_000 });
    await until("the tree shows both agents", 15_000, async () => {
      const tree = await page.getByRole("tree").innerText();
      return /Researcher/.test(tree) && /Writer/.test(tree);
    });
    await page.getByRole("link", { name: "Open trace" }).click();
    await page.waitForURL(/\/traces\//);
    await page.getByRole("treeitem").first().waitFor();
    traceUrl = page.url();
    assertQuiet(complaints, "the run");
  });

  it("opens a step of the trace from the keyboard and closes it again", async () => {
    await page.keyboard.press("j");
    await page.getByRole("complementary", { name: "Step" }).waitFor();
    assert.match(page.url(), /[?&](span|node)=/);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary", { name: "Step" }).waitFor({ state: "detached" });
    assertQuiet(complaints, "the trace");
  });

  it("sums the day on the dashboard", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await until("the calls are counted", 15_000, async () => /Calls\s*[1-9]/.test(await page.locator("dl").first().innerText()));
    await page.getByRole("img", { name: "Calls over time" }).locator("svg").first().waitFor();
    await page.getByRole("link", { name: "first-agent" }).click();
    await page.waitForURL(/\/calls\?.*agent=first-agent/);
    assertQuiet(complaints, "the dashboard");
  });

  it("makes a key that is shown once, and revokes it", async () => {
    await page.goto(`${platform.url}/keys/new`);
    await page.getByLabel("Name").fill("to be revoked");
    await page.getByRole("button", { name: "Make key" }).click();
    const secret = await page.getByRole("complementary").locator("code").innerText();
    assert.match(secret, /^aop-/);
    await page.getByRole("link", { name: "I have copied it" }).click();
    assert.ok(!(await page.content()).includes(secret), "the key is nowhere on the page any more");
    await page.getByRole("link", { name: "to be revoked" }).click();
    await page.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Allow again" }).waitFor();
    assertQuiet(complaints, "the keys");
    const answer = await fetch(`${platform.url}/v1/models`, { headers: { Authorization: `Bearer ${secret}` } });
    await until("the gateway refuses the revoked key", 10_000, async () => {
      const again = await fetch(`${platform.url}/v1/models`, { headers: { Authorization: `Bearer ${secret}` } });
      await again.arrayBuffer();
      return again.status === 401;
    });
    await answer.arrayBuffer();
  });

  it("comes back signed in after a reload, and is gone after signing out", async () => {
    await page.reload();
    await page.getByRole("link", { name: "Live calls" }).waitFor();
    await page.getByRole("button", { name: /Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to AOP" }).waitFor();
    await assertAccessible(page, "sign-in");
    assertQuiet(complaints, "signing out");
    await page.getByLabel("Email").fill(admin.email);
    await page.getByLabel("Password").fill("not the password at all");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("Email or password is wrong.").waitFor();
    // The browser itself reports the refused request; that one line is expected.
    assert.ok(complaints.splice(0).every((line) => line.includes("401")));
    await page.getByLabel("Password").fill(admin.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Live calls" }).waitFor();
    assertQuiet(complaints, "signing in");
  });

  it("opens the API's documentation without an error", async () => {
    await page.goto(`${platform.url}/api/docs/`);
    await page.getByRole("heading", { name: "AOP management API" }).waitFor();
    await page.getByText("/api/teams", { exact: true }).first().waitFor();
    assertQuiet(complaints, "the documentation");
  });

  it("finds a price, puts another over it, and says who set it", async () => {
    await page.goto(`${platform.url}/models`);
    await page.getByRole("link", { name: "Prices" }).click();
    await page.getByRole("searchbox", { name: "Search models" }).fill("gpt-4o-mini");
    const table = page.getByRole("table", { name: "Prices" });
    await until("only what was searched for is listed", 10_000, async () => {
      const found = await table.getByRole("link").allInnerTexts();
      return found.length > 0 && found.every((model) => model.includes("gpt-4o-mini"));
    });
    await page.goto(`${platform.url}/prices/set?provider=openai&model=gpt-4o-mini`);
    const panel = page.getByRole("complementary");
    await panel.getByRole("region", { name: "shipped" }).getByText("$0.15", { exact: true }).waitFor();
    await panel.getByRole("textbox", { name: "Price of input", exact: true }).fill("0.2");
    await panel.getByRole("button", { name: "Set price" }).click();
    await panel.getByRole("region", { name: "this team" }).getByText("$0.2", { exact: true }).waitFor();
    await table.getByText("this team v1").waitFor();
    assertQuiet(complaints, "the prices");
    await panel.getByRole("textbox", { name: "Price of input", exact: true }).fill("-1");
    await panel.getByRole("button", { name: "Set price" }).click();
    await panel.getByRole("alert").getByText("not negative").waitFor();
    assert.ok(complaints.splice(0).every((line) => line.includes("400")));
  });

  for (const [theme, locale] of [["light", "en"], ["dark", "en"], ["light", "ko"], ["dark", "ko"]]) {
    it(`has no serious finding of axe and no error on any page (${theme}, ${locale})`, async () => {
      await setPrefs(page, { theme, locale });
      const paths = ["/", "/start", "/calls", "/traces", "/models", "/models/new", "/models/providers/new", "/prices", "/prices/set", "/prices/set?provider=openai&model=gpt-4o", "/keys", "/keys/new", "/crews", "/settings", "/settings/members", "/settings/budgets", "/settings/corrections", "/settings/users", "/invitation#token=none", "/password-reset#token=none", "/nowhere"];
      for (const address of [...paths.map((path) => platform.url + path), firstCallUrl, traceUrl, runUrl]) {
        await page.goto(address);
        await page.locator("h1").first().waitFor();
        await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => {});
        const where = `${address.slice(platform.url.length)} (${theme}, ${locale})`;
        await assertAccessible(page, where);
        assertQuiet(complaints, where);
        assert.equal(new URL(page.url()).hash, "", `no token stays in the address bar on ${where}`);
        assert.equal(await page.evaluate(() => document.documentElement.lang), locale);
        assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), theme === "dark");
      }
    });
  }
});
