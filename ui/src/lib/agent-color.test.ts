import { expect, test } from "vitest";
import { AGENT_COLORS, agentColor, agentShape, stableHash } from "./agent-color";

test("an agent keeps its color and form, however its name is spaced or cased", () => {
  expect(agentColor("Researcher")).toBe(agentColor(" researcher "));
  expect(agentShape("Researcher")).toBe(agentShape("RESEARCHER"));
});

test("no agent is grey", () => {
  expect(agentColor(null)).toBe("var(--agent-none)");
  expect(agentColor("")).toBe("var(--agent-none)");
});

test("the hash never changes: colors are remembered by people", () => {
  expect(stableHash("researcher")).toBe(stableHash("researcher"));
  expect(agentColor("researcher")).toMatchInlineSnapshot(`"var(--agent-10)"`);
  expect(agentColor("writer")).toMatchInlineSnapshot(`"var(--agent-7)"`);
});

test("every color is used by some agent", () => {
  const used = new Set(Array.from({ length: 500 }, (_, n) => agentColor(`agent ${String(n)}`)));
  expect(used.size).toBe(AGENT_COLORS);
});
