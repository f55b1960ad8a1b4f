import { expect, test } from "vitest";
import type { AgentCorrection } from "@/api/types";
import { correctionOf, mainFingerprint, standsInTheWay, type CorrectionDraft } from "./correction";

const subject = { fingerprint: "f1", name: "worker 2", key: "f1" };
const targets = [{ key: "f2", name: "Worker" }];
const parts = [
  { by: "prompt", id: "p1", label: "You translate" },
  { by: "conversation", id: "p1", label: "Find sources" },
] as const;
const draft = (part: Partial<CorrectionDraft>): CorrectionDraft => ({ kind: "rename", name: "", into: "", part: "", ...part });

test("a new name is sent trimmed; none, or the one it has, is nothing to send", () => {
  expect(correctionOf(draft({ name: "  Writer " }), subject, targets, parts)).toEqual({ kind: "rename", agent: "f1", from_name: "worker 2", name: "Writer" });
  expect(correctionOf(draft({ name: " " }), subject, targets, parts)).toBeNull();
  expect(correctionOf(draft({ name: "worker 2" }), subject, targets, parts)).toBeNull();
});

test("a merge names the other agent as it is shown", () => {
  expect(correctionOf(draft({ kind: "merge", into: "f2" }), subject, targets, parts)).toEqual({ kind: "merge", agent: "f1", from_name: "worker 2", into: "f2", name: "Worker" });
  expect(correctionOf(draft({ kind: "merge", into: "gone" }), subject, targets, parts)).toBeNull();
});

test("a split is by prompt or by conversation, even where both have the same id", () => {
  expect(correctionOf(draft({ kind: "split", part: "prompt:p1", name: "T" }), subject, targets, parts)).toMatchObject({ when: { prompt: "p1" } });
  expect(correctionOf(draft({ kind: "split", part: "conversation:p1", name: "T" }), subject, targets, parts)).toMatchObject({ when: { conversation: "p1" } });
  expect(correctionOf(draft({ kind: "split", part: "prompt:p1", name: "" }), subject, targets, parts)).toBeNull();
});

test("a rename stands in the way of a merge of the same agent, not of a split", () => {
  const made = [{ id: "1", kind: "rename", agent: "f1", name: "A" }] as AgentCorrection[];
  expect(standsInTheWay(made, { kind: "merge", agent: "f1", name: "B", into: "f2" } as never)?.id).toBe("1");
  expect(standsInTheWay(made, { kind: "rename", agent: "f9", name: "B" } as never)).toBeUndefined();
  expect(standsInTheWay(made, { kind: "split", agent: "f1", name: "B", when: { prompt: "p" } } as never)).toBeUndefined();
  const split = [{ id: "2", kind: "split", agent: "f1", name: "A", when: { prompt: "p" } }] as AgentCorrection[];
  expect(standsInTheWay(split, { kind: "split", agent: "f1", name: "B", when: { prompt: "p" } } as never)?.id).toBe("2");
  expect(standsInTheWay(split, { kind: "split", agent: "f1", name: "B", when: { conversation: "p" } } as never)).toBeUndefined();
});

test("an agent made of several is corrected by the one it is named after", () => {
  expect(mainFingerprint("f2", ["f1", "f2"])).toBe("f2");
  expect(mainFingerprint("named", ["f1", "f2"])).toBe("f1");
  expect(mainFingerprint("none", [])).toBeNull();
});
