import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  kind: "done" | "failed";
  text: string;
}

const SHOWN_MS = { done: 3_000, failed: 8_000 };
const MOST = 4;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismissToast(id: number): void {
  publish(toasts.filter((toast) => toast.id !== id));
}

/** Says how an action ended. Never used for what a page itself can show. */
export function showToast(kind: Toast["kind"], text: string): void {
  const toast = { id: nextId++, kind, text };
  publish([...toasts.slice(-(MOST - 1)), toast]);
  setTimeout(() => dismissToast(toast.id), SHOWN_MS[kind]);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
