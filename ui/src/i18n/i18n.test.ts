import { expect, test } from "vitest";
import { en } from "./en";
import { fill, translate, type MessageKey } from "./i18n";
import { ko } from "./ko";

const keys = Object.keys(en) as MessageKey[];
const places = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("both languages have the same keys", () => {
  expect(Object.keys(ko).sort()).toEqual([...keys].sort());
});

test("both languages fill the same places", () => {
  for (const key of keys) expect(places(ko[key]), key).toEqual(places(en[key]));
});

test("no sentence is empty, and Korean is written in Korean", () => {
  // Kinds of providers are names of products, which are the same in both languages.
  const latin = keys.filter((key) => !key.startsWith("models.kind.") && !/[\uac00-\ud7a3]/.test(ko[key]));
  for (const key of keys) expect(ko[key].trim(), key).not.toBe("");
  expect(latin).toEqual(["call.http"]);
});

test("a missing value stays visible", () => {
  expect(fill("{n} new of {all}", { n: 3 })).toBe("3 new of {all}");
  expect(translate("en", "live.new", { n: 12 })).toBe("12 new");
  expect(translate("ko", "live.new", { n: 12 })).toBe("새 호출 12개");
});
