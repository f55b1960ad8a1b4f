import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration, formatMoney, formatPercent, joinParts, millis, shortId, trimDecimal } from "./format";

test("money shows as many digits as matter", () => {
  expect(formatMoney("0.000412")).toBe("$0.000412");
  expect(formatMoney("0.000000123456")).toBe("$0.000000123");
  expect(formatMoney("0.0124")).toBe("$0.0124");
  expect(formatMoney("0.5")).toBe("$0.5");
  expect(formatMoney("12.4031")).toBe("$12.40");
  expect(formatMoney("3112.5")).toBe("$3.1k");
  expect(formatMoney("2500000")).toBe("$2.5M");
  expect(formatMoney("0")).toBe("$0");
  expect(formatMoney("-0.02")).toBe("-$0.02");
});

test("an exact decimal loses only trailing zeros", () => {
  expect(trimDecimal("0.000412000000")).toBe("0.000412");
  expect(trimDecimal("10.00")).toBe("10");
  expect(trimDecimal("100")).toBe("100");
});

test("times change their unit as they grow", () => {
  const shown = (ms: number) => joinParts(formatDuration(ms));
  expect(shown(0.42)).toBe("0.4 ms");
  expect(shown(412)).toBe("412 ms");
  expect(shown(999.6)).toBe("1.0 s");
  expect(shown(3_240)).toBe("3.2 s");
  expect(shown(42_400)).toBe("42 s");
  expect(shown(125_000)).toBe("2 m 05 s");
  expect(shown(900_000)).toBe("15 m");
  expect(shown(4_320_000)).toBe("1 h 12 m");
  expect(shown(21_600_000)).toBe("6 h");
  expect(shown(-5)).toBe("0 ms");
});

test("counts are exact while they fit and short beyond", () => {
  expect(formatCount(12_408)).toBe("12,408");
  expect(formatCount(412_000)).toBe("412k");
  expect(formatCount(1_230_000)).toBe("1.2M");
});

test("a small share is never shown as nothing", () => {
  expect(formatPercent(0)).toBe("0%");
  expect(formatPercent(0.0004)).toBe("<0.1%");
  expect(formatPercent(0.029)).toBe("2.9%");
});

test("bytes, ids and absent times", () => {
  expect(joinParts(formatBytes(512))).toBe("512 B");
  expect(joinParts(formatBytes(18_234))).toBe("17.8 KB");
  expect(shortId("0195f3c2-aaaa-7bbb-8ccc-ddddeeee b41e".replace(" ", ""))).toBe("0195f3c2…b41e");
  expect(shortId("short")).toBe("short");
  expect(millis(null)).toBeNull();
  expect(millis(1_500)).toBe(1.5);
});
