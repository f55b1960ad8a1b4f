// Fails when the JavaScript a first visit must load is over its budget.
// "Initial" is the entry and every chunk it imports statically; lazy routes and charts are not in it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 250 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const seen = new Set();
const walk = (key) => {
  if (seen.has(key)) return;
  seen.add(key);
  (manifest[key].imports ?? []).forEach(walk);
};
walk(entry);

let total = 0;
for (const key of seen) {
  const bytes = gzipSync(readFileSync(new URL(manifest[key].file, dist))).length;
  total += bytes;
  console.log(`${(bytes / 1024).toFixed(1).padStart(8)} KB  ${manifest[key].file}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(8)} KB  initial JavaScript, gzipped (budget ${BUDGET_BYTES / 1024} KB)`);
if (total > BUDGET_BYTES) {
  console.error("Initial JavaScript is over its budget: load the new part lazily or leave it out.");
  process.exit(1);
}
