import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Locale = "en" | "ko";

/** What a reader chose about the screen. Kept in this browser; nothing secret is ever in here. */
export interface Prefs {
  theme: Theme;
  locale: Locale;
  teamId: string | null;
  sidebarCollapsed: boolean;
  /** Width of the panel at the right, in pixels. */
  panelWidth: number;
  dense: boolean;
  onboardingDismissed: boolean;
}

const STORAGE_KEY = "aop.prefs";

function defaults(): Prefs {
  const korean = typeof navigator !== "undefined" && navigator.language.toLowerCase().startsWith("ko");
  return {
    theme: "system",
    locale: korean ? "ko" : "en",
    teamId: null,
    sidebarCollapsed: false,
    panelWidth: 640,
    dense: true,
    onboardingDismissed: false,
  };
}

/** Reads what is stored and ignores what does not fit, so that an old or broken entry never breaks a page. */
export function parsePrefs(text: string | null, base: Prefs): Prefs {
  if (text === null) return base;
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return base;
  }
  if (typeof stored !== "object" || stored === null) return base;
  const raw = stored as Record<string, unknown>;
  const result = { ...base };
  if (raw.theme === "system" || raw.theme === "light" || raw.theme === "dark") result.theme = raw.theme;
  if (raw.locale === "en" || raw.locale === "ko") result.locale = raw.locale;
  if (typeof raw.teamId === "string") result.teamId = raw.teamId;
  if (typeof raw.sidebarCollapsed === "boolean") result.sidebarCollapsed = raw.sidebarCollapsed;
  if (typeof raw.dense === "boolean") result.dense = raw.dense;
  if (typeof raw.onboardingDismissed === "boolean") result.onboardingDismissed = raw.onboardingDismissed;
  if (typeof raw.panelWidth === "number" && raw.panelWidth >= 320) result.panelWidth = raw.panelWidth;
  return result;
}

function readStorage(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

let current: Prefs = parsePrefs(readStorage(), defaults());
const listeners = new Set<() => void>();

export function getPrefs(): Prefs {
  return current;
}

export function setPrefs(change: Partial<Prefs>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // A browser that refuses storage still gets the choice for this visit.
  }
  applyPrefs();
  for (const listener of listeners) listener();
}

export function subscribePrefs(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePrefs(): Prefs {
  return useSyncExternalStore(subscribePrefs, getPrefs);
}

export function isDark(prefs: Prefs): boolean {
  if (prefs.theme !== "system") return prefs.theme === "dark";
  return typeof matchMedia === "function" && matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Puts theme and language on the document. Called at start and after every change. */
export function applyPrefs(): void {
  const root = document.documentElement;
  root.classList.toggle("dark", isDark(current));
  root.lang = current.locale;
}

/** Follows the system while the theme is "system". */
export function followSystemTheme(): void {
  if (typeof matchMedia !== "function") return;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    applyPrefs();
    for (const listener of listeners) listener();
  });
}
