import { backoffMs } from "@/lib/backoff";
import { client, unwrap } from "./client";

export type LiveState = "closed" | "connecting" | "open" | "lost";

export interface LiveHandlers {
  onMessage: (message: unknown) => void;
  onState: (state: LiveState) => void;
  /** After a gap: what was missed must be loaded again. */
  onGap: () => void;
}

/** A WebSocket that comes back by itself. Each opening takes a one-time ticket, because a browser cannot send a header here. */
export function openLiveSocket(path: string, handlers: LiveHandlers): () => void {
  let stopped = false;
  let attempt = 0;
  let opened = false;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = () => {
    if (stopped) return;
    // The platform ends every connection after a while; only one that does not come back at once is lost.
    handlers.onState(attempt === 0 ? "connecting" : "lost");
    timer = setTimeout(() => void connect(), backoffMs(attempt));
    attempt += 1;
  };

  const connect = async () => {
    let ticket: string;
    try {
      ({ ticket } = await unwrap(client.POST("/api/live/ticket")));
    } catch {
      again();
      return;
    }
    if (stopped) return;
    const address = new URL(path, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("ticket", ticket);
    socket = new WebSocket(address);
    socket.onopen = () => {
      if (opened) handlers.onGap();
      opened = true;
      attempt = 0;
      handlers.onState("open");
    };
    socket.onmessage = (event: MessageEvent<string>) => receive(event.data);
    socket.onclose = again;
  };

  const receive = (text: string) => {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (isLagged(message)) handlers.onGap();
    else handlers.onMessage(message);
  };

  handlers.onState("connecting");
  void connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    if (socket !== null) {
      socket.onclose = null;
      socket.close();
    }
    handlers.onState("closed");
  };
}

function isLagged(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "lagged";
}
