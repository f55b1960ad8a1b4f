import { useEffect, useRef, useSyncExternalStore } from "react";
import { openLiveSocket, type LiveState } from "./live-socket";

interface Subscriber {
  onMessage: (message: unknown) => void;
  onGap: () => void;
}

const subscribers = new Set<Subscriber>();
const stateListeners = new Set<() => void>();
let state: LiveState = "closed";
let close: (() => void) | null = null;

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of stateListeners) listener();
}

function subscribe(subscriber: Subscriber): () => void {
  subscribers.add(subscriber);
  close ??= openLiveSocket("/ws/live", {
    onMessage: (message) => {
      for (const one of subscribers) one.onMessage(message);
    },
    onGap: () => {
      for (const one of subscribers) one.onGap();
    },
    onState: setState,
  });
  return () => {
    subscribers.delete(subscriber);
    if (subscribers.size > 0) return;
    close?.();
    close = null;
  };
}

export function useLiveStatus(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    () => state,
  );
}

/** Every record of the team as it is accepted. One connection per tab, open while anyone listens. */
export function useTeamFeed(onMessage: (message: unknown) => void, onGap: () => void, enabled = true): void {
  const latest = useRef({ onMessage, onGap });
  useEffect(() => {
    latest.current = { onMessage, onGap };
  });
  useEffect(() => {
    if (!enabled) return;
    return subscribe({
      onMessage: (message) => latest.current.onMessage(message),
      onGap: () => latest.current.onGap(),
    });
  }, [enabled]);
}

/** The records of one trace as they are accepted. */
export function useTraceFeed(traceId: string, onMessage: (message: unknown) => void, onGap: () => void, enabled = true): void {
  const latest = useRef({ onMessage, onGap });
  useEffect(() => {
    latest.current = { onMessage, onGap };
  });
  useEffect(() => {
    if (!enabled) return;
    return openLiveSocket(`/ws/trace/${traceId}/`, {
      onMessage: (message) => latest.current.onMessage(message),
      onGap: () => latest.current.onGap(),
      onState: () => undefined,
    });
  }, [traceId, enabled]);
}
