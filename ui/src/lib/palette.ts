import { useSyncExternalStore } from "react";

/** Which overlay of the shell is open. Opened from anywhere, drawn once. */
export type Overlay = "none" | "palette" | "keys";

let overlay: Overlay = "none";
const listeners = new Set<() => void>();

export function setOverlay(next: Overlay): void {
  overlay = next;
  for (const listener of listeners) listener();
}

export function openPalette(): void {
  setOverlay("palette");
}

export function useOverlay(): Overlay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => overlay,
  );
}
