import { describe, expect, it } from "vitest";
import type { DiffStep } from "@/api/types";
import { translate } from "@/i18n/i18n";
import { deltaOf, differences, formatDelta, stepKey } from "./diff-rows";

const call = { call_id: "c", model: "m", status: "completed", duration_us: 1, input_tokens: 1, output_tokens: 1, cost: null, tool_names: [] };
const step: DiffStep = { kind: "changed", agent: "0", agent_name: null, a: call, b: { ...call, call_id: "d" }, message_index: 2, answer_differs: true, model_differs: false };
const t = (key: Parameters<typeof translate>[1], values?: Parameters<typeof translate>[2]) => translate("en", key, values);

describe("two runs beside each other", () => {
  it("counts messages from one, as people do, and names what differs", () => {
    expect(differences(step, t)).toEqual(["message 3", "answer"]);
    expect(differences({ ...step, message_index: null, answer_differs: false, b: { ...call, status: "failed" } }, t)).toEqual(["outcome"]);
    expect(differences({ ...step, kind: "only_a", b: null }, t)).toEqual([]);
  });

  it("keeps a step's name when one side has none", () => {
    expect(stepKey(step)).toBe("c:d");
    expect(stepKey({ ...step, b: null })).toBe("c:");
  });

  it("says how much more or less, and nothing where there is nothing to compare with", () => {
    expect(formatDelta(deltaOf(100, 150))).toBe("+50%");
    expect(formatDelta(deltaOf(100, 95))).toBe("−5.0%");
    expect(formatDelta(deltaOf(0, 3))).toBe("+");
    expect(formatDelta(deltaOf(5, 5))).toBe("±0%");
    expect(formatDelta(deltaOf(1, 100))).toBe("+999%+");
  });
});
