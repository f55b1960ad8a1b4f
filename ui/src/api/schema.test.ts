import { execFileSync } from "node:child_process";
import { test } from "vitest";

test("the client's types are what the API's contract says", { timeout: 60_000 }, () => {
  // Throws, with the script's own sentence, when they differ.
  execFileSync(process.execPath, ["scripts/api.mjs", "--check"], { stdio: "pipe" });
});
