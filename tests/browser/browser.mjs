// The browser of the tests, and what every page is held to: no error in the console, no serious finding of axe.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const output = fileURLToPath(new URL("./output/", import.meta.url));

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.AOP_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** A context of its own, and the list of what went wrong in its consoles. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US", reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(20_000);
  const complaints = [];
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return { context, complaints };
}

/** Fails on the first complaint and empties the list. */
export function assertQuiet(complaints, where) {
  const found = complaints.splice(0);
  assert.deepEqual(found, [], `errors in the console on ${where}`);
}

/** Fails when axe finds something serious or critical. The script is given to the page by the test, past the page's own policy. */
export async function assertAccessible(page, where) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map((one) => `${one.id}: ${one.help} at ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(violations, [], `axe on ${where}`);
}

export async function setPrefs(page, prefs) {
  await page.evaluate((change) => {
    const before = JSON.parse(localStorage.getItem("aop.prefs") ?? "{}");
    localStorage.setItem("aop.prefs", JSON.stringify({ ...before, ...change }));
  }, prefs);
}

/** A picture for people, when a test failed or `AOP_BROWSER_PICTURES` is set. */
export async function picture(page, name) {
  mkdirSync(output, { recursive: true });
  await page.screenshot({ path: `${output}${name}.png` });
}
