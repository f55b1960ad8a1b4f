import { expect, test } from "vitest";
import { addDecimals } from "./decimal";

test("sums are exact where floats are not", () => {
  expect(addDecimals("0.1", "0.2")).toBe("0.3");
  expect(addDecimals("0.000000000001", "12")).toBe("12.000000000001");
  expect(addDecimals("9007199254740993", "1")).toBe("9007199254740994");
});

test("negatives and zero", () => {
  expect(addDecimals("0", "0")).toBe("0");
  expect(addDecimals("-0.5", "0.25")).toBe("-0.25");
  expect(addDecimals("-0.05", "0.01")).toBe("-0.04");
});
