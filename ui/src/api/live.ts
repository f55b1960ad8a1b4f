import { useEffect, useRef, useSyncExternalStore } from "react";
import { isFlightMessage } from "@/lib/flight";
import { openLiveSocket, type LiveState } from "./live-socket";

export interface FeedHandlers {
  onMessage: (message: unknown) => void;
  /** After a gap: what was missed must be loaded again. */
  onGap: () => void;
}

/** One connection, open while anyone listens. */
class Channel {
  readonly subscribers = new Set<FeedHandlers>();
  readonly #listeners = new Set<() => void>();
  #close: (() => void) | null = null;
  state: LiveState = "closed";

  constructor(readonly path: string) {}

  subscribe(subscriber: FeedHandlers): () => void {
    this.subscribers.add(subscriber);
    this.#close ??= openLiveSocket(this.path, {
      onMessage: (message) => {
        for (const one of this.subscribers) one.onMessage(message);
      },
      onGap: () => {
        for (const one of this.subscribers) one.onGap();
      },
      onState: (state) => this.#set(state),
    });
    return () => {
      this.subscribers.delete(subscriber);
      if (this.subscribers.size > 0) return;
      this.#close?.();
      this.#close = null;
      if (channels.get(this.path) === this && this.#listeners.size === 0) channels.delete(this.path);
    };
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

const channels = new Map<string, Channel>();

function channel(path: string): Channel {
  const found = channels.get(path);
  if (found !== undefined) return found;
  const made = new Channel(path);
  channels.set(path, made);
  return made;
}

const TEAM = "/ws/live";

/** Where the records of the team come from, or those of one trace. */
export function feedPath(traceId: string | null): string {
  return traceId === null ? TEAM : `/ws/trace/${traceId}/`;
}

export function useLiveStatus(): LiveState {
  return useSyncExternalStore(
    (listener) => channel(TEAM).onState(listener),
    () => channel(TEAM).state,
  );
}

/** Every message of a feed. One connection per feed and tab, open while anyone listens. */
export function useFeed(path: string, handlers: FeedHandlers, enabled = true): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (!enabled) return;
    return channel(path).subscribe({
      onMessage: (message) => latest.current.onMessage(message),
      onGap: () => latest.current.onGap(),
    });
  }, [path, enabled]);
}

/** What was recorded: words about calls that still run are for `useFlight`. */
function recordsOnly({ onMessage, onGap }: FeedHandlers): FeedHandlers {
  return { onMessage: (message) => (isFlightMessage(message) ? undefined : onMessage(message)), onGap };
}

/** Every record of the team as it is accepted. */
export function useTeamFeed(onMessage: (message: unknown) => void, onGap: () => void, enabled = true): void {
  useFeed(feedPath(null), recordsOnly({ onMessage, onGap }), enabled);
}

/** The records of one trace as they are accepted. */
export function useTraceFeed(traceId: string, onMessage: (message: unknown) => void, onGap: () => void, enabled = true): void {
  useFeed(feedPath(traceId), recordsOnly({ onMessage, onGap }), enabled);
}
