import { useLayoutEffect, useRef } from "react";

/** Key (`j`, `?`, `Escape`) or sequence of two (`g c`) → what it does. */
export type Hotkeys = Record<string, () => void>;

/** How long the first key of a sequence waits for the second. */
const SEQUENCE_MS = 900;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Finds the name of what was pressed, given the key that came just before. */
export function matchHotkey(keys: Hotkeys, key: string, before: string | null): string | null {
  if (before !== null && `${before} ${key}` in keys) return `${before} ${key}`;
  return key in keys ? key : null;
}

/** Keys work anywhere on the page except while typing, in a dialog, or with a modifier held. */
export function useHotkeys(keys: Hotkeys, enabled = true): void {
  const latest = useRef(keys);
  useLayoutEffect(() => {
    latest.current = keys;
  });
  useLayoutEffect(() => {
    if (!enabled) return;
    let before: string | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
      const match = matchHotkey(latest.current, event.key, before);
      clearTimeout(timer);
      before = match === null ? event.key : null;
      timer = setTimeout(() => {
        before = null;
      }, SEQUENCE_MS);
      if (match === null) return;
      event.preventDefault();
      latest.current[match]?.();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      clearTimeout(timer);
    };
  }, [enabled]);
}
