// Writes src/api/schema.d.ts from the API's committed contract. `--check` only compares and fails on a difference.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const contract = new URL("../../api/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.d.ts", import.meta.url);
const banner = "// Generated from api/openapi.json by `npm run api`. Do not edit.\n\n";

const fresh = banner + astToString(await openapiTS(contract, { alphabetize: true }));
if (process.argv.includes("--check")) {
  const committed = readFileSync(target, "utf8");
  if (committed !== fresh) {
    console.error("src/api/schema.d.ts is not what api/openapi.json says: run `npm run api` in ui/ and commit the result.");
    process.exit(1);
  }
} else {
  writeFileSync(target, fresh);
}
