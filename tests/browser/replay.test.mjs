// A recorded conversation is sent again to another model with other words, followed while it goes on, and laid beside the old run.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, picture, setPrefs } from "./browser.mjs";
import { openOffice } from "./office.mjs";
import { until } from "./platform.mjs";

const RUN = "11111111222233334444555555555555";
const QUESTION = "What is a gateway for?";
const OTHER = "What is a ledger for?";

describe("replay and comparison", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  let office, platform, page, first, replayed;

  before(async () => {
    office = await openOffice();
    ({ platform, page } = office);
    const headers = { "x-aop-trace-id": RUN, "x-aop-agent": "Guide" };
    const answer = await office.ask(QUESTION, { headers });
    first = answer.headers.get("x-aop-call-id");
    const said = (await answer.json()).choices[0].message;
    const messages = [{ role: "user", content: QUESTION }, said, { role: "user", content: "Say it shorter." }];
    const last = await office.ask("", { headers, messages });
    await until("both calls are stored", 30_000, async () => (await office.call(first)).ok && (await office.call(last.headers.get("x-aop-call-id"))).ok);
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `replay-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await office?.close();
  });

  it("what would be sent and what it may cost is said before", async () => {
    await page.goto(`${platform.url}/calls/${first}`);
    await page.getByRole("button", { name: "Replay" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("One call", { exact: true }).waitFor();
    await dialog.getByText("Its conversation from here").click();
    await dialog.getByText("2 calls", { exact: true }).waitFor();
    await dialog.getByText(/about \$/).waitFor();
    await assertAccessible(page, "a replay that is being made");
  });

  it("it is sent again to another model, with another first question", async () => {
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Model").selectOption("sim-tools");
    await dialog.getByText("Say something else").click();
    await dialog.getByLabel("Last message").fill(OTHER);
    await dialog.getByRole("button", { name: "Send again" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/traces/") && !url.pathname.includes(RUN));
    replayed = new URL(page.url()).pathname.split("/")[2];
    await page.getByText("completed").waitFor();
    await page.getByText("2 of 2 calls answered").waitFor();
    await page.getByText("changed: last message").waitFor();
    await page.getByRole("treeitem").or(page.getByRole("row")).filter({ hasText: "Guide" }).first().waitFor();
    await assertAccessible(page, "a replay");
    // The browser notes by itself that the run was asked for before its first call was stored.
    assertQuiet(office.complaints.splice(0).filter((one) => !one.includes(`404 (Not Found) (${platform.url}/api/traces/${replayed})`)), "a replay");
  });

  it("what went out is what was asked for, and both runs know each other", async () => {
    const { items } = await office.api("GET", `/api/replays?trace_id=${RUN}`);
    assert.deepEqual([items.length, items[0].trace_id, items[0].status], [1, replayed, "completed"]);
    let calls;
    await until("both new calls are stored", 30_000, async () => (calls = (await office.api("GET", `/api/calls?trace_id=${replayed}`)).items).length === 2);
    for (const { call_id: id } of calls) {
      const call = await (await office.call(id)).json();
      assert.equal(call.requested_model, "sim-tools");
      assert.ok(JSON.stringify(call).includes(OTHER) && !JSON.stringify(call).includes(QUESTION));
    }
    await page.goto(`${platform.url}/traces/${RUN}`);
    await page.getByRole("link", { name: "Open replay" }).click();
    await page.waitForURL(new RegExp(replayed));
    await page.getByRole("link", { name: /an earlier run/ }).waitFor();
  });

  it("both are compared step by step, with the keyboard too", async () => {
    await page.getByRole("region", { name: "Replay" }).getByRole("link", { name: "Compare" }).click();
    await page.waitForURL(/\/diff\//);
    await page.getByText("2 of 2 steps differ").waitFor();
    await page.keyboard.press("j");
    const step = page.getByRole("region").filter({ hasText: "First run" }).first();
    await step.getByText(QUESTION).first().waitFor();
    await step.getByText(OTHER).first().waitFor();
    await assertAccessible(page, "two runs compared");
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    await page.getByRole("button", { name: /What differs/, pressed: true }).waitFor();
    assertQuiet(office.complaints, "two runs compared");
  });

  it("in Korean and in the dark", async () => {
    await setPrefs(page, { locale: "ko", theme: "dark" });
    for (const place of [`traces/${replayed}`, `traces/${RUN}/diff/${replayed}`]) {
      await page.goto(`${platform.url}/${place}`);
      await page.getByRole("navigation").first().waitFor();
      await page.waitForLoadState("networkidle").catch(() => {});
      await assertAccessible(page, `${place} in Korean`);
    }
    assertQuiet(office.complaints, "Korean and dark");
  });
});
