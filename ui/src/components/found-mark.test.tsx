import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { TooltipProvider } from "@/components/ui/tooltip";
import { isMessageKey } from "@/i18n/i18n";
import { ruleSentence } from "@/lib/found";
import { setPrefs } from "@/lib/prefs";
import { FoundMark } from "./found-mark";

// The tooltip asks where it is; jsdom has no layout to tell it.
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

const inferred = { source: "inferred", rule: "prompt:crewai_role", reason: "The platform's sentence.", confidence: 0.97 };
const mark = (found: typeof inferred | null) =>
  render(
    <TooltipProvider delayDuration={0}>
      <FoundMark found={found} field="agent">
        <span>Researcher</span>
      </FoundMark>
    </TooltipProvider>,
  );

afterEach(() => setPrefs({ locale: "en" }));

test("what was stated carries no mark", () => {
  mark({ ...inferred, source: "aop_header" });
  expect(screen.getByText("Researcher")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});

test("the reason and how sure it is are told when the mark is reached by the keyboard", async () => {
  mark(inferred);
  expect(screen.queryByRole("tooltip")).toBeNull();
  await userEvent.tab();
  const tooltip = await screen.findByRole("tooltip");
  expect(tooltip.textContent).toContain("the way CrewAI does");
  expect(tooltip.textContent).toContain("97% sure");
});

test("the reason is told when the pointer is over the name", async () => {
  mark(inferred);
  await userEvent.hover(screen.getByText("Researcher"));
  expect((await screen.findByRole("tooltip")).textContent).toContain("97% sure");
});

test("the reason is told in Korean to who reads Korean", () => {
  setPrefs({ locale: "ko" });
  mark(inferred);
  expect(screen.getByRole("button", { name: /CrewAI 방식/ })).toBeTruthy();
});

test("a rule this page does not know is told in the platform's words", () => {
  mark({ ...inferred, rule: "of_tomorrow" });
  expect(screen.getByRole("button", { name: /The platform's sentence/ })).toBeTruthy();
});

test("a correction says that it is one, not how sure it is", () => {
  mark({ ...inferred, source: "corrected", rule: "corrected", confidence: 1 });
  const name = screen.getByRole("button").getAttribute("aria-label");
  expect(name).toContain("correction of your team");
  expect(name).not.toContain("%");
});

test("every rule of inference has a sentence", () => {
  const rules = {
    agent: ["prompt", "prompt:crewai_role", "prompt:internal_name", "prompt:agent_named", "prompt:your_name_is", "prompt:template", "hand_over", "delegated_to", "task_argument", "message_name", "selected", "internal", "stated", "united", "corrected", "none"],
    run: ["first_call", "same_history", "known_id", "session", "known_words", "task_text", "answer_text", "shared_text", "same_input", "selected", "served_run", "key_and_time", "stated", "united", "generated"],
    serves: ["same_run_parent", "last_spoke", "next_to_speak"],
    handover: ["tool", "task_text", "stated", "parent_span"],
  } as const;
  for (const [field, words] of Object.entries(rules)) {
    for (const word of words) expect(isMessageKey(ruleSentence(field as keyof typeof rules, word).key), `${field}: ${word}`).toBe(true);
  }
});
