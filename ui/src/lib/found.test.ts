import { expect, test } from "vitest";
import { isHinted, ruleSentence, surePercent } from "./found";

const found = (source: string, confidence = 0.5) => ({ source, rule: "prompt", reason: "", confidence });

test("what was worked out or corrected is marked, what was stated is not", () => {
  expect(["inferred", "corrected"].every((source) => isHinted(found(source)))).toBe(true);
  expect(["aop_header", "body", "generated", "none", "signed"].some((source) => isHinted(found(source)))).toBe(false);
  expect(isHinted(null)).toBe(false);
});

test("what was worked out is never quite sure, what was corrected is", () => {
  expect(surePercent(found("inferred", 0.999))).toBe(99);
  expect(surePercent(found("inferred", 0))).toBe(1);
  expect(surePercent(found("corrected", 1))).toBe(100);
});

test("places of a statement share one sentence, rules have their own, with and without the old prefix", () => {
  expect(ruleSentence("agent", "header:x-aop-agent")).toEqual({ key: "found.place", place: "header:x-aop-agent" });
  expect(ruleSentence("agent", "inferred:prompt:crewai_role").key).toBe("found.agent.prompt:crewai_role");
});
