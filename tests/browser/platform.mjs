// A platform to test against: the one named by AOP_BROWSER_URL, or one started here from the built binary.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const READY_MS = 120_000;
const STOP_MS = 20_000;

/** `{ url, setupToken, stop }` of a platform nobody has signed in to yet. */
export async function startPlatform(settings = {}) {
  if (process.env.AOP_BROWSER_URL) {
    const setupToken = process.env.AOP_BROWSER_SETUP_TOKEN;
    if (!setupToken) throw new Error("AOP_BROWSER_URL is set, so AOP_BROWSER_SETUP_TOKEN must be: the token of its first-admin link.");
    return { url: process.env.AOP_BROWSER_URL.replace(/\/$/, ""), setupToken, stop: async () => {} };
  }
  return startOwn(settings);
}

async function startOwn(settings) {
  const data = mkdtempSync(join(tmpdir(), "aop-browser-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary(), ["up", "--listen", `127.0.0.1:${port}`, "--data", data], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...settings } });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGINT")) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, STOP_MS))]);
    }
    if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await until("the platform is ready", READY_MS, async () => {
      if (child.exitCode !== null) throw new Error(`aop up ended with ${child.exitCode}:\n${said}`);
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      return answer?.ok === true && setupTokenIn(said) !== null;
    });
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\nIt said:\n${said.slice(-4_000)}`);
  }
  return { url, setupToken: setupTokenIn(said), stop };
}

export const admin = { name: "First Admin", email: "admin@example.com", password: "a long enough password" };

/** Makes the first administrator without a browser: an access token of theirs. */
export async function adminToken(platform) {
  const answer = await fetch(`${platform.url}/api/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...admin, setup_token: platform.setupToken }),
  });
  if (answer.status !== 201) throw new Error(`The administrator could not be made: ${await answer.text()}`);
  return (await answer.json()).access_token;
}

function setupTokenIn(text) {
  return /\/setup\?token=([A-Za-z0-9_.~-]+)/.exec(text)?.[1] ?? null;
}

function binary() {
  if (process.env.AOP_BIN) return process.env.AOP_BIN;
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const found = ["release", "debug"].map((profile) => join(target, profile, "aop")).find(existsSync);
  if (!found) throw new Error("There is no aop binary: build it with 'make build', or name one in AOP_BIN.");
  return found;
}

/** A Python with the official clients: the one of the SDK tests, or `AOP_PYTHON`. */
export function python() {
  const found = process.env.AOP_PYTHON ?? fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
  if (!existsSync(found)) throw new Error(`There is no Python at ${found}: run scripts/test-system.sh once, or name one with the openai package in AOP_PYTHON.`);
  return found;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks again until the answer is yes. */
export async function until(what, ms, ask) {
  const end = Date.now() + ms;
  for (;;) {
    if (await ask()) return;
    if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
