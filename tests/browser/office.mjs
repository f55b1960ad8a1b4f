// A platform with its first administrator signed in to a browser, a key for the gateway, and the API at hand.
import assert from "node:assert/strict";
import { openBrowser, openContext } from "./browser.mjs";
import { admin, adminToken, startPlatform } from "./platform.mjs";

/** `{ platform, page, context, complaints, api, call, ask, close }`. */
export async function openOffice() {
  const platform = await startPlatform();
  let browser;
  const close = async () => {
    await browser?.close();
    await platform.stop();
  };
  try {
    const token = await adminToken(platform);
    const api = (method, path, body) => talk(platform, token, method, path, body);
    const { key } = await api("POST", "/api/api-keys", { name: "App", permissions: ["gateway"] });
    browser = await openBrowser();
    const { context, complaints } = await openContext(browser);
    const page = await context.newPage();
    await signIn(page, platform, admin);
    return { platform, page, context, complaints, api, call: (id) => recorded(platform, token, id), ask: (content, more) => ask(platform, key, content, more), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function signIn(page, platform, who) {
  await page.goto(`${platform.url}/login`);
  await page.getByLabel("Email").fill(who.email);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("link", { name: "Live calls" }).waitFor();
}

async function talk(platform, token, method, path, body) {
  const answer = await fetch(`${platform.url}${path}`, { method, headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  assert.ok(answer.ok, await answer.clone().text());
  return answer.json();
}

/** The record of a call as the API answers, found or not. */
function recorded(platform, token, id) {
  return fetch(`${platform.url}/api/calls/${id}`, { headers: { Authorization: `Bearer ${token}` } });
}

/** One question through the gateway; `more` are further fields of the request, or its `headers`. */
function ask(platform, key, content, { headers = {}, ...more } = {}) {
  const body = JSON.stringify({ model: "sim-fast", messages: [{ role: "user", content }], ...more });
  return fetch(`${platform.url}/v1/chat/completions`, { method: "POST", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers }, body });
}
