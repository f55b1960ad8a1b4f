// Another price for calls that were made already, and what they would have cost on other models: looked at and done in the browser.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, openBrowser, openContext, picture, setPrefs } from "./browser.mjs";
import { admin, adminToken, startPlatform, until } from "./platform.mjs";

const CALLS = 12;

describe("past costs", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  let platform, token, key, browser, office, page;

  before(async () => {
    platform = await startPlatform();
    token = await adminToken(platform);
    key = (await api("POST", "/api/api-keys", { name: "App", permissions: ["gateway"] })).key;
    await until("the key is known at the gateway", 30_000, async () => (await fetch(`${platform.url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } })).ok);
    for (let n = 0; n < CALLS; n += 1) {
      const body = JSON.stringify({ model: n % 3 === 0 ? "sim-reasoning" : "sim-fast", messages: [{ role: "user", content: `question ${n}` }] });
      const answer = await fetch(`${platform.url}/v1/chat/completions`, { method: "POST", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "x-aop-agent": "Writer" }, body });
      assert.equal(answer.status, 200, await answer.text());
    }
    await until("the calls are stored", 30_000, async () => (await api("GET", "/api/calls")).items.length === CALLS);
    await api("PUT", "/api/prices", { provider: "simulator", model: "sim-fast", shared: true, card: { input: "1", output: "2" } });
    browser = await openBrowser();
    office = await openContext(browser);
    page = await office.context.newPage();
    await page.goto(`${platform.url}/login`);
    await page.getByLabel("Email").fill(admin.email);
    await page.getByLabel("Password").fill(admin.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("link", { name: "Live calls" }).waitFor();
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `past-costs-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  async function api(method, path, body) {
    const answer = await fetch(`${platform.url}${path}`, { method, headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, await answer.clone().text());
    return answer.json();
  }

  it("a price is put on past calls after a look at what it changes", async () => {
    await page.goto(`${platform.url}/prices/set?provider=simulator&model=sim-fast`);
    await page.getByRole("link", { name: "Put it on past calls" }).click();
    await page.getByText("Holds for every chosen call").waitFor();
    await assertAccessible(page, "the form");
    await page.getByRole("button", { name: "Work out what would change" }).click();
    await page.getByRole("button", { name: "Change 8 calls" }).waitFor();
    await assertAccessible(page, "the estimate");
    await page.getByRole("button", { name: "Change 8 calls" }).click();
    await page.getByText("Limits and budgets keep what they have counted").waitFor();
    await page.getByRole("button", { name: "Change 8 calls" }).click();
    await page.getByRole("heading", { name: "What has changed" }).waitFor();
    await until("it is done", 60_000, async () => (await api("GET", "/api/repricings")).items[0].status === "done");
    const done = (await api("GET", "/api/repricings")).items[0];
    assert.deepEqual(done.result, done.estimate);
    assertQuiet(office.complaints, "past costs");
  });

  it("the dashboard, the list and the call agree, and the call says what it was metered at", async () => {
    const calls = (await api("GET", "/api/calls")).items;
    const sum = calls.reduce((total, call) => total + Number(call.cost), 0);
    const overview = await api("GET", "/api/analytics/overview");
    assert.ok(Math.abs(Number(overview.totals.cost) - sum) < 1e-9, `${overview.totals.cost} and ${sum}`);
    const changed = calls.find((call) => call.requested_model === "sim-fast");
    await page.goto(`${platform.url}/calls/${changed.call_id}`);
    await page.getByText("Metered at").waitFor();
    assertQuiet(office.complaints, "a call");
  });

  it("what it would have cost on other models stands beside it", async () => {
    await page.goto(`${platform.url}/`);
    await page.getByRole("link", { name: "What would this cost on other models?" }).click();
    await page.getByRole("rowheader", { name: /sim-reasoning/ }).waitFor();
    await page.getByLabel("Models to compare").fill("simulator/sim-fast, openai/gpt-4.1, nobody/knows");
    await page.getByRole("rowheader", { name: /knows/ }).waitFor();
    assert.equal(await page.getByRole("row", { name: /knows/ }).getByText("no price").count(), 1);
    assert.equal(await page.getByRole("row", { name: /gpt-4\.1/ }).getByText("same tokens assumed").count(), 1);
    await page.getByLabel("Agent", { exact: true }).fill("Nobody");
    await page.getByText("No calls to compare in this time").waitFor();
    await page.getByLabel("Agent", { exact: true }).fill("");
    await page.getByRole("rowheader", { name: /knows/ }).waitFor();
    await page.getByRole("button", { name: "Would cost" }).click();
    const first = page.locator("tbody tr").first();
    await first.getByText("sim-fast").waitFor();
    await assertAccessible(page, "on other models");
    assertQuiet(office.complaints, "on other models");
  });

  it("both pages are fit to be read in both languages and themes, wide and narrow", async () => {
    const [{ id }] = (await api("GET", "/api/repricings")).items;
    for (const [theme, locale, width] of [["light", "en", 1440], ["dark", "ko", 1440], ["light", "ko", 420], ["dark", "en", 420]]) {
      await page.setViewportSize({ width, height: 900 });
      await setPrefs(page, { theme, locale });
      for (const [name, path] of [["form", "/prices/past/new"], ["list", "/prices/past"], ["one", `/prices/past/${id}`], ["what-if", "/what-if?models=simulator/sim-fast,simulator/sim-reasoning,openai/gpt-4.1,nobody/knows"]]) {
        await page.goto(`${platform.url}${path}`);
        await page.locator(name === "list" ? "[role=row]" : name === "form" ? "form" : "table").first().waitFor();
        await assertAccessible(page, `${name} ${theme} ${locale} ${width}`);
        const spill = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(spill <= 0, `${name} spills over by ${spill} px at ${width}`);
        if (process.env.AOP_BROWSER_PICTURES) await picture(page, `past-costs-${name}-${theme}-${locale}-${width}`);
      }
    }
    assertQuiet(office.complaints, "both pages");
  });
});
