// Recording, cache and guardrails from end to end: set in the browser, in force at the gateway, seen on the call.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, picture, setPrefs } from "./browser.mjs";
import { openOffice } from "./office.mjs";
import { until } from "./platform.mjs";

const SECRET = "sk-proj-abcdefghijklmnopqrstuvwx";

describe("recording, cache and guardrails", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  let office, platform, page, api, ask, call;

  before(async () => {
    office = await openOffice();
    ({ platform, page, api, ask } = office);
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `guard-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await office?.close();
  });

  it("the team keeps no secrets and gives answers again", async () => {
    await page.goto(`${platform.url}/settings/content`);
    await page.getByLabel("What is kept of calls").selectOption("redacted");
    await page.getByLabel("Give answers again").selectOption("3600");
    await page.getByLabel("Who shares answers").selectOption("key");
    await page.getByRole("button", { name: "Save recording and cache" }).click();
    await page.getByText("Saved").first().waitFor();
    await page.reload();
    await page.getByLabel("Who shares answers").waitFor();
    assert.equal(await page.getByLabel("What is kept of calls").inputValue(), "redacted");
    await assertAccessible(page, "recording and cache");
    assertQuiet(office.complaints, "recording and cache");
  });

  it("a guardrail is made, edited and turned off", async () => {
    await page.goto(`${platform.url}/settings/guardrails`);
    await page.getByText("No guardrails yet").waitFor();
    await assertAccessible(page, "no guardrails");
    await page.getByLabel("Name", { exact: true }).fill("Project names");
    await page.getByLabel("What happens").selectOption("block");
    await page.getByLabel("Finds").selectOption("deny_list");
    await page.getByRole("textbox", { name: "Words and phrases" }).fill("project x\nproject y");
    await page.getByRole("button", { name: "Make guardrail" }).click();
    await page.getByRole("cell", { name: "Project names", exact: true }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Secrets");
    await page.getByLabel("What happens").selectOption("mask");
    await page.getByRole("checkbox", { name: "E-mail addresses" }).check();
    await page.getByRole("button", { name: "Make guardrail" }).click();
    await page.getByRole("cell", { name: "Secrets", exact: true }).waitFor();
    await page.getByRole("button", { name: "Edit Project names" }).click();
    await page.getByRole("heading", { name: "Edit Project names" }).waitFor();
    await page.getByRole("textbox", { name: "Words and phrases" }).fill("project x");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("heading", { name: "New guardrail" }).waitFor();
    assert.equal(await page.getByText("project y").count(), 0);
    await assertAccessible(page, "guardrails");
    assertQuiet(office.complaints, "guardrails");
  });

  it("a pattern that cannot be used is refused with a reason", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Broken");
    await page.getByLabel("Finds").selectOption("regex");
    await page.getByRole("textbox", { name: "Regular expressions" }).fill("a(");
    await page.getByRole("button", { name: "Make guardrail" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /a\(/);
    // The browser notes the refused request by itself.
    office.complaints.splice(0);
  });

  it("they hold at the gateway and stand on the call", async () => {
    let blocked;
    await until("the guardrail is in force", 20_000, async () => (blocked = await ask("about Project X")).status === 400);
    assert.equal((await blocked.json()).error.code, "guardrail_blocked");
    // The cache and the recording level came before the guardrails.
    const first = await ask(`my key is ${SECRET}`);
    assert.equal(first.headers.get("x-aop-cache"), "miss");
    const second = await ask(`my key is ${SECRET}`);
    assert.equal(second.headers.get("x-aop-cache"), "hit");
    call = second.headers.get("x-aop-call-id");
    await until("the call is stored", 30_000, async () => {
      const answer = await office.call(call);
      return answer.ok;
    });
    const stored = await api("GET", `/api/calls/${call}`);
    assert.ok(!JSON.stringify(stored).includes(SECRET));
    assert.equal(stored.guardrails[0].name, "Secrets");
    await page.goto(`${platform.url}/calls/${call}`);
    await page.getByText("from the cache").waitFor();
    // The question was asked before, so it stands folded.
    await page.getByRole("button", { name: /Earlier messages/ }).click();
    await page.getByText("my key is [api_key]").waitFor();
    await page.getByRole("tab", { name: "Identity" }).click();
    await page.getByText("Without secrets and personal data").waitFor();
    await page.getByText(/Secrets: replaced in the request, API keys/).waitFor();
    await assertAccessible(page, "a call from the cache");
    assertQuiet(office.complaints, "a call from the cache");
  });

  it("the dashboard shows what the cache did", async () => {
    await page.goto(`${platform.url}/`);
    await page.getByText(/1 from the cache/).waitFor();
    await assertAccessible(page, "the dashboard");
  });

  it("a key and a model say more", async () => {
    const keys = await api("GET", "/api/api-keys");
    await page.goto(`${platform.url}/keys/${keys.items.find((one) => one.name === "App").id}`);
    await page.getByLabel("What is kept of calls").selectOption("metadata");
    await page.getByRole("button", { name: "Save recording and cache" }).click();
    await page.getByText("Saved").first().waitFor();
    await assertAccessible(page, "a key");
    const models = await api("GET", "/api/models");
    await page.goto(`${platform.url}/models/${models.items[0].id}`);
    await page.getByLabel("Give answers again").selectOption("0");
    await page.getByRole("button", { name: "Save recording and cache" }).click();
    await page.getByText("Saved").first().waitFor();
    await assertAccessible(page, "a model");
    assertQuiet(office.complaints, "a key and a model");
  });

  it("in Korean and in the dark", async () => {
    for (const [prefs, name] of [[{ locale: "ko", theme: "dark" }, "ko-dark"], [{ locale: "en", theme: "dark" }, "en-dark"], [{ locale: "ko", theme: "light" }, "ko-light"]]) {
      await setPrefs(page, prefs);
      for (const place of ["settings/guardrails", "settings/content", `calls/${call}`]) {
        await page.goto(`${platform.url}/${place}`);
        await page.getByRole("navigation").first().waitFor();
        await page.waitForLoadState("networkidle").catch(() => {});
        await assertAccessible(page, `${place} ${name}`);
        if (process.env.AOP_BROWSER_PICTURES) await picture(page, `guard-${name}-${place.replace(/\W+/g, "-").slice(0, 24)}`);
      }
    }
    assertQuiet(office.complaints, "all languages and themes");
  });
});
