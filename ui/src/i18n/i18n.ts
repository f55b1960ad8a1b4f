import { createElement, Fragment, type ReactNode } from "react";
import { getPrefs, usePrefs, type Locale } from "@/lib/prefs";
import { en } from "./en";
import { ko } from "./ko";

export type MessageKey = keyof typeof en;
export type Values = Record<string, string | number>;

const dictionaries: Record<Locale, Record<MessageKey, string>> = { en, ko };

export function isMessageKey(key: string): key is MessageKey {
  return key in en;
}

/** Puts values into `{name}` places. A missing value stays visible as its name, so that it is noticed. */
export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

export function translate(locale: Locale, key: MessageKey, values?: Values): string {
  return fill(dictionaries[locale][key], values);
}

export type Translate = (key: MessageKey, values?: Values) => string;

/** One for each language, so that what is made with it is made again only when the language changes. */
const translators: Record<Locale, Translate> = {
  en: (key, values) => translate("en", key, values),
  ko: (key, values) => translate("ko", key, values),
};

/** The sentence in the reader's language, following a change of language at once. */
export function useT(): Translate {
  return translators[usePrefs().locale];
}

/** For code outside React, such as error messages. */
export const t: Translate = (key, values) => translate(getPrefs().locale, key, values);

/** Fills `{name}` places with elements instead of text, so that word order can differ between languages. */
export function fillNodes(sentence: string, nodes: Record<string, ReactNode>): ReactNode[] {
  return sentence.split(/(\{\w+\})/).map((part, index) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return createElement(Fragment, { key: index }, name === undefined ? part : (nodes[name] ?? part));
  });
}
