// Hooks and guardrails that judge the whole, from end to end: made in the browser, in force at the gateway, told to a receiver.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, picture, setPrefs } from "./browser.mjs";
import { openOffice } from "./office.mjs";
import { until } from "./platform.mjs";

describe("hooks", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  const got = [];
  let office, platform, page, api, ask, receiver, receiverUrl, secret, call;

  before(async () => {
    receiver = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        got.push({ headers: request.headers, body });
        response.writeHead(204).end();
      });
    });
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    receiverUrl = `http://127.0.0.1:${receiver.address().port}/hook`;
    office = await openOffice();
    ({ platform, page, api, ask } = office);
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `hooks-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await office?.close();
    receiver?.close();
  });

  it("a webhook is made and its secret is shown once", async () => {
    await page.goto(`${platform.url}/settings/hooks`);
    await page.getByText("No hooks yet").waitFor();
    await assertAccessible(page, "no hooks");
    await page.getByLabel("Name", { exact: true }).fill("Tell us");
    await page.getByRole("textbox", { name: "Address" }).fill(receiverUrl);
    await page.getByRole("textbox", { name: "Models" }).fill("sim-*");
    await page.getByRole("checkbox", { name: "OK" }).check();
    await page.getByRole("button", { name: "Make hook" }).click();
    await page.getByRole("cell", { name: "Tell us", exact: true }).waitFor();
    secret = /whsec_[0-9A-Za-z]+/.exec(await page.getByRole("status").first().innerText())[0];
    await assertAccessible(page, "a new hook");
    assertQuiet(office.complaints, "a new hook");
  });

  it("a test arrives, signed, and stands among the messages", async () => {
    await page.getByRole("button", { name: "Messages of Tell us" }).click();
    await page.getByText("No message yet").waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("arrived").waitFor();
    const { headers, body } = got[0];
    const expected = createHmac("sha256", secret).update(`${headers["x-aop-timestamp"]}.${body}`).digest("hex");
    assert.equal(headers["x-aop-signature"], `v1=${expected}`);
    assert.equal(JSON.parse(body).event, "hook.test");
    await assertAccessible(page, "messages of a hook");
  });

  it("a call is told, and what hooks did stands on it", async () => {
    await api("POST", "/api/hooks", { name: "Mark", point: "before", act: { kind: "tag", tags: ["marked"] } });
    await until("the hooks are in force", 60_000, async () => {
      call = (await ask("hello")).headers.get("x-aop-call-id");
      let stored;
      await until("the call is stored", 30_000, async () => {
        stored = await office.call(call);
        return stored.ok;
      });
      return (await stored.json()).hooks.length === 2;
    });
    await until("the call is told", 30_000, async () => got.some(({ body }) => JSON.parse(body).call?.id === call));
    const told = JSON.parse(got.find(({ body }) => JSON.parse(body).call?.id === call).body).call;
    assert.deepEqual([told.status, told.tags], ["ok", ["marked"]]);
    assert.equal(told.content, undefined, "nothing of what was said");
    await page.goto(`${platform.url}/calls/${call}`);
    await page.getByRole("tab", { name: "Identity" }).click();
    await page.getByText("Mark: Tag, marked").waitFor();
    await page.getByText("Tell us: Tell somebody").waitFor();
    await assertAccessible(page, "a call with hooks");
    assertQuiet(office.complaints, "a call with hooks");
  });

  it("a rejection is made in Korean, in the dark", async () => {
    await setPrefs(page, { locale: "ko", theme: "dark" });
    await page.goto(`${platform.url}/settings/hooks`);
    await page.getByLabel("이름", { exact: true }).fill("금지");
    await page.getByLabel("할 일").selectOption("reject");
    await page.getByRole("textbox", { name: "이유" }).fill("Not now.");
    await page.getByRole("button", { name: "훅 만들기" }).click();
    await page.getByRole("cell", { name: "금지", exact: true }).waitFor();
    await assertAccessible(page, "hooks in Korean");
    let refused;
    await until("the rejection is in force", 20_000, async () => (refused = await ask("hello")).status === 403);
    assert.equal((await refused.json()).error.code, "rejected_by_hook");
    await page.getByRole("row", { name: /금지/ }).getByRole("button").last().click();
    await page.getByRole("row", { name: /금지/ }).getByRole("button").last().click();
    await page.getByRole("cell", { name: "금지", exact: true }).waitFor({ state: "detached" });
    await setPrefs(page, { locale: "en", theme: "light" });
  });

  it("answers are held against a schema, and a service is asked", async () => {
    await page.goto(`${platform.url}/settings/guardrails`);
    await page.getByLabel("Name", { exact: true }).fill("Shape");
    await page.getByLabel("Finds").selectOption("json_schema");
    await page.getByLabel("What happens").selectOption("block");
    await page.getByRole("textbox", { name: /JSON schema/ }).fill('{"type": "object", "required": ["age"]');
    await page.getByText("This is not JSON.").waitFor();
    await page.getByRole("textbox", { name: /JSON schema/ }).fill('{"type": "object", "required": ["age"]}');
    await assertAccessible(page, "a schema");
    await page.getByRole("button", { name: "Make guardrail" }).click();
    await page.getByRole("cell", { name: "Shape", exact: true }).waitFor();
    let refused;
    await until("the guardrail is in force", 20_000, async () => (refused = await ask("hello", { sim: { text: "{}" } })).status === 400);
    assert.match((await refused.json()).error.message, /\/required/);
    assert.equal((await ask("hello", { sim: { text: '{"age": 4}' } })).status, 200);
    await page.getByLabel("Name", { exact: true }).fill("Judge");
    await page.getByLabel("Finds").selectOption("http");
    await page.getByRole("textbox", { name: "Address" }).fill(receiverUrl);
    await page.getByRole("textbox", { name: "Header" }).fill("authorization");
    await page.getByLabel("Its value").fill("Bearer s3cret");
    await assertAccessible(page, "a service");
    await page.getByRole("button", { name: "Make guardrail" }).click();
    await page.getByRole("cell", { name: "Judge", exact: true }).waitFor();
    await until("the service is asked", 20_000, async () => {
      await ask("hello", { sim: { text: '{"age": 4}' } });
      return got.some(({ headers }) => headers.authorization === "Bearer s3cret");
    });
    assertQuiet(office.complaints, "guardrails");
  });
});
