// A run that says nothing about itself, as a tree, lanes and a graph; its agents corrected; a run watched and stopped while it goes on.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { assertAccessible, assertQuiet, openBrowser, openContext, picture, setPrefs } from "./browser.mjs";
import { connect, heldCall, runCrew } from "./crew.mjs";
import { admin, adminToken, startPlatform, until } from "./platform.mjs";
import { answerOf, startUpstream } from "./upstream.mjs";

describe("runs", { concurrency: false, skip: process.env.AOP_BROWSER_URL ? "makes an administrator of its own" : false }, () => {
  let platform, upstream, browser, context, complaints, page, token, gateway, traceUrl;

  before(async () => {
    platform = await startPlatform();
    upstream = await startUpstream();
    token = await adminToken(platform);
    const key = await connect({ url: platform.url, token, upstream });
    gateway = { url: platform.url, key };
    await until("the gateway serves the new model", 20_000, async () => {
      const answer = await fetch(`${platform.url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } });
      return answer.ok && (await answer.text()).includes("gpt-4o-mini");
    });
    await runCrew({ gateway, upstream, about: "heat pumps" });
    browser = await openBrowser();
    ({ context, complaints } = await openContext(browser));
    page = await context.newPage();
    await page.goto(`${platform.url}/login`);
    await page.getByLabel("Email").fill(admin.email);
    await page.getByLabel("Password").fill(admin.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("link", { name: "Live calls" }).waitFor();
  });

  afterEach(async (t) => {
    if (page && (process.env.AOP_BROWSER_PICTURES || t.passed === false)) await picture(page, `runs-${t.name.replace(/\W+/g, "-")}`);
  });

  after(async () => {
    await browser?.close();
    await upstream?.stop();
    await platform?.stop();
  });

  async function api(path) {
    const answer = await fetch(`${platform.url}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return answer.json();
  }

  /** The run with this many calls on record. */
  async function runWith(calls, agent) {
    let found;
    await until(`a run with ${calls} calls of ${agent}`, 30_000, async () => {
      const { items } = await api("/api/traces");
      found = items.find((one) => one.call_count === calls && one.agents.includes(agent));
      return found !== undefined;
    });
    return found.trace_id;
  }

  it("shows who made each call, though nobody said so", async () => {
    const id = await runWith(5, "Crew Manager");
    traceUrl = `${platform.url}/traces/${id}`;
    await page.goto(traceUrl);
    const tree = page.getByRole("tree", { name: "Steps of the trace" });
    await tree.getByRole("treeitem").first().waitFor();
    const text = await tree.innerText();
    for (const agent of ["Crew Manager", "Researcher", "Writer"]) assert.match(text, new RegExp(agent));
    assert.equal(await tree.getByRole("treeitem", { level: 4 }).filter({ hasText: "gpt-4o-mini" }).count(), 5);
    assertQuiet(complaints, "the tree");
  });

  it("says why it thinks so, on hover and when reached by the keyboard", async () => {
    const row = page.getByRole("treeitem").filter({ hasText: "Crew Manager" });
    const mark = row.getByRole("button", { name: /Worked out from the traffic, \d+% sure/ }).first();
    await mark.hover();
    await page.getByRole("tooltip").getByText("the way CrewAI does").waitFor();
    await page.mouse.move(700, 800, { steps: 8 });
    await page.getByRole("tooltip").waitFor({ state: "detached" });
    // The keyboard walks to the row, and from it to its mark.
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await row.focus();
    await page.keyboard.press("Tab");
    await page.getByRole("tooltip").getByText("the way CrewAI does").waitFor();
    await page.keyboard.press("Escape");
  });

  it("goes from view to view by the keyboard, and a link shows the same", async () => {
    await page.keyboard.press("2");
    await page.getByRole("region", { name: "Lanes" }).waitFor();
    assert.match(page.url(), /view=lanes/);
    await page.keyboard.press("3");
    await page.getByRole("region", { name: "Graph" }).getByText("Researcher").first().waitFor();
    assert.match(page.url(), /view=graph/);
    await page.reload();
    await page.getByRole("region", { name: "Graph" }).getByText("Researcher").first().waitFor();
    assertQuiet(complaints, "the views");
  });

  it("draws the hand-overs with their count, and one click chooses an agent in every view", async () => {
    const graph = page.getByRole("region", { name: "Graph" });
    await graph.getByRole("button", { name: /^Crew Manager handed over to Researcher once/ }).waitFor();
    await graph.getByRole("button", { name: /^Crew Manager handed over to Writer once/ }).waitFor();
    await graph.getByRole("button", { name: "Researcher", exact: true }).click();
    const panel = page.getByRole("complementary", { name: "Step" });
    await panel.getByRole("heading", { name: "Got work from" }).waitFor();
    await page.keyboard.press("2");
    assert.equal(await page.getByRole("region", { name: "Lanes" }).getByRole("button", { name: "Researcher", exact: true }).getAttribute("aria-pressed"), "true");
    await page.keyboard.press("1");
    assert.equal(await page.getByRole("list", { name: "Agents" }).getByRole("button", { name: "Researcher", exact: true }).getAttribute("aria-pressed"), "true");
    assert.match(page.url(), /agent=/);
    assertQuiet(complaints, "an agent that is chosen");
  });

  for (const [theme, locale] of [["light", "en"], ["dark", "ko"]]) {
    it(`has no serious finding of axe in any view (${theme}, ${locale})`, async () => {
      await setPrefs(page, { theme, locale });
      const agent = new URL(page.url()).searchParams.get("agent");
      for (const query of ["", "?view=lanes", "?view=graph", `?agent=${agent}`, `?view=graph&agent=${agent}`]) {
        await page.goto(traceUrl + query);
        await (query.includes("graph") ? page.locator(".react-flow__node").first() : page.getByText("Crew Manager").first()).waitFor();
        await assertAccessible(page, `${query} (${theme}, ${locale})`);
        assertQuiet(complaints, `${query} (${theme}, ${locale})`);
      }
      await page.goto(`${platform.url}/settings/corrections`);
      await page.locator("h2").first().waitFor();
      await assertAccessible(page, `corrections (${theme}, ${locale})`);
      await setPrefs(page, { theme: "light", locale: "en" });
      // The next page is opened while this one renews its session.
      await page.goto(`${traceUrl}?agent=${agent}`);
    });
  }

  it("renames an agent, for the calls there were and those to come", async () => {
    await page.getByRole("button", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog", { name: "Correct Researcher" });
    await dialog.getByText("Touches, of the last 30 days: calls: 1, runs: 1.").waitFor();
    await assertAccessible(page, "the dialog of a correction");
    await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("Fact Finder");
    await dialog.getByRole("button", { name: "Rename agent" }).click();
    await page.getByRole("treeitem").filter({ hasText: "Fact Finder" }).first().waitFor();
    assert.doesNotMatch(await page.getByRole("tree").innerText(), /Researcher/);
    await page.goto(`${platform.url}/calls`);
    await page.getByRole("row").filter({ hasText: "Fact Finder" }).first().waitFor();
    await runCrew({ gateway, upstream, about: "solar roofs" });
    await page.getByRole("row").filter({ hasText: "solar roofs" }).filter({ hasText: "Fact Finder" }).first().waitFor();
    assertQuiet(complaints, "a renamed agent");
  });

  it("merges two agents into one, and sums them as one", async () => {
    await page.goto(traceUrl);
    await page.getByRole("list", { name: "Agents" }).getByRole("button", { name: "Writer", exact: true }).click();
    await page.getByRole("button", { name: "Merge" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("This is the same agent as").selectOption("Fact Finder");
    await dialog.getByRole("button", { name: "Merge agents" }).click();
    await until("one agent is left beside the manager", 15_000, async () => (await page.getByRole("list", { name: "Agents" }).getByRole("button").count()) === 2);
    assert.doesNotMatch(await page.getByRole("tree").innerText(), /Writer/);
    assertQuiet(complaints, "merged agents");
  });

  it("lists what was corrected, and undoes it", async () => {
    await page.goto(`${platform.url}/settings/corrections`);
    const rows = page.getByRole("table", { name: "Agent corrections" }).locator("tbody tr");
    await rows.first().waitFor();
    assert.equal(await rows.count(), 2);
    assert.match(await rows.filter({ hasText: "is called" }).innerText(), /Researcher[\s\S]*Fact Finder[\s\S]*First Admin/);
    for (const left of [1, 0]) {
      await page.getByRole("button", { name: /^Undo the correction/ }).first().click();
      await page.getByRole("button", { name: /for past and future calls$/ }).first().click();
      await until(`${left} corrections are left`, 10_000, async () => (await rows.count()) === left);
    }
    await page.getByRole("heading", { name: "Nothing corrected" }).waitFor();
    await page.goto(traceUrl);
    const tree = page.getByRole("tree");
    await tree.getByText("Researcher").first().waitFor();
    assert.match(await tree.innerText(), /Writer/);
    assertQuiet(complaints, "corrections undone");
  });

  it("shows a call while it runs, and its run's tree growing", async () => {
    await page.goto(`${platform.url}/calls`);
    await page.getByRole("table", { name: "Live calls" }).waitFor();
    const answer = heldCall({ gateway, about: "tidal power" });
    const row = page.getByRole("row").filter({ hasText: "waiting" });
    await row.waitFor({ timeout: 10_000 });
    assert.match(await row.innerText(), /Researcher/);
    await row.getByRole("link").first().click();
    const panel = page.getByRole("complementary", { name: "Call" });
    await panel.getByRole("button", { name: "End call" }).waitFor();
    await panel.getByRole("link", { name: "Open trace" }).click();
    await page.getByRole("treeitem").filter({ hasText: "1 running" }).first().waitFor();
    await assertAccessible(page, "a running trace");
    upstream.release(answerOf("Little is known about tidal power."));
    assert.equal((await answer).status, 200);
    await page.getByRole("treeitem").filter({ hasText: "$" }).first().waitFor({ timeout: 20_000 });
    await until("nothing runs any more", 15_000, async () => !/running/.test(await page.getByRole("tree").innerText()));
    // Before its first record a run cannot be loaded, and the browser reports that it could not.
    assert.ok(complaints.splice(0).every((line) => line.includes("404")));
  });

  it("stops a run: what is in flight is cut, what would follow is refused until it is allowed again", async () => {
    const cut = heldCall({ gateway, about: "nuclear waste" });
    await page.goto(`${platform.url}/calls`);
    const row = page.getByRole("row").filter({ hasText: "waiting" });
    await row.getByRole("link").first().click();
    await page.getByRole("complementary", { name: "Call" }).getByRole("link", { name: "Open trace" }).click();
    await page.getByRole("button", { name: "Stop run" }).click();
    const dialog = page.getByRole("dialog", { name: "Stop this run?" });
    await dialog.getByText("One call is in flight.").waitFor();
    await dialog.getByLabel("Reason").fill("wrong question");
    await dialog.getByRole("button", { name: "Stop run" }).click();
    const answer = await cut;
    assert.equal(answer.status, 403);
    assert.equal((await answer.json()).error.code, "run_killed");
    await page.getByRole("status").getByText("wrong question").waitFor();
    await page.getByRole("button", { name: "Allow again" }).click();
    await page.getByText("Reason: wrong question").waitFor({ state: "detached" });
    assert.ok(complaints.splice(0).every((line) => line.includes("404")));
    upstream.release(answerOf("nobody hears this"));
  });
});
