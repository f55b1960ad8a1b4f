import { useSyncExternalStore } from "react";
import { getPrefs, setPrefs, usePrefs } from "./prefs";

/** Below this the page would have no room beside an open sidebar. */
const NARROW = "(max-width: 639.98px)";

let isOver = false;
const listeners = new Set<() => void>();

function screen(): MediaQueryList | null {
  return typeof matchMedia === "function" ? matchMedia(NARROW) : null;
}

function subscribe(listener: () => void): () => void {
  const narrow = screen();
  listeners.add(listener);
  narrow?.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    narrow?.removeEventListener("change", listener);
  };
}

type Place = "beside" | "rail" | "over";

function place(): Place {
  if (screen()?.matches !== true) return "beside";
  return isOver ? "over" : "rail";
}

function setOver(open: boolean): void {
  isOver = open;
  for (const listener of listeners) listener();
}

/** On a narrow screen the sidebar is a rail of signs; open, it lies over the page until something is chosen. */
export function useSidebar(): { folded: boolean; over: boolean } {
  const { sidebarCollapsed } = usePrefs();
  const where = useSyncExternalStore(subscribe, place);
  return { folded: where === "beside" ? sidebarCollapsed : where === "rail", over: where === "over" };
}

export function toggleSidebar(): void {
  if (place() === "beside") setPrefs({ sidebarCollapsed: !getPrefs().sidebarCollapsed });
  else setOver(!isOver);
}

/** Something was chosen, or is to be seen. */
export function leaveSidebar(): void {
  if (isOver) setOver(false);
}
