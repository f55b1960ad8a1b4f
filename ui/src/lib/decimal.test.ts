import { expect, test } from "vitest";
import { addDecimals, shiftDecimal } from "./decimal";

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

test("the point moves both ways without a digit lost", () => {
  expect(shiftDecimal("0.0000025", 6)).toBe("2.5");
  expect(shiftDecimal("2.5", -6)).toBe("0.0000025");
  expect(shiftDecimal("15", -6)).toBe("0.000015");
  expect(shiftDecimal("1234567.5", -6)).toBe("1.2345675");
  expect(shiftDecimal("0.1", 6)).toBe("100000");
  expect(shiftDecimal("0", 6)).toBe("0");
  expect(shiftDecimal("0", -6)).toBe("0");
  expect(shiftDecimal("120", -1)).toBe("12");
});
