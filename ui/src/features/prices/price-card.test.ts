import { expect, test } from "vitest";
import { cardOf, isPerToken, rowsOf, spoken } from "./price-card";

test("token prices are said per million, exactly, and others by the piece", () => {
  expect(spoken("input", "0.0000025")).toBe("2.5");
  expect(spoken("input>200000@batch", "0.000000625")).toBe("0.625");
  expect(spoken("search#low", "0.035")).toBe("0.035");
  expect([isPerToken("output@batch"), isPerToken("search"), isPerToken("output_images")]).toEqual([true, false, false]);
});

test("a card survives being edited without a change", () => {
  const card = { output: "0.00001", input: "0.00000125", cache_read: "0.000000125", "input>200000": "0.0000025", "search#low": "0.035", request: "0" };
  expect(rowsOf(card).map((row) => row.key)).toEqual(["input", "cache_read", "output", "input>200000", "request", "search#low"]);
  expect(cardOf(rowsOf(card))).toEqual(card);
});

test("empty rows are left out and nonsense is left for the platform to refuse", () => {
  expect(cardOf([{ key: " input ", price: " 3 " }, { key: "output", price: "" }, { key: "", price: "1" }])).toEqual({ input: "0.000003" });
  expect(cardOf([{ key: "input", price: "1e3" }])).toEqual({ input: "1e3" });
});
