import { useCallback, useEffect, useRef } from "react";

/** Runs at once, then at most every `intervalMs`, and never twice at the same time. */
export function useThrottled(action: () => Promise<void>, intervalMs: number): () => void {
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  }, [action]);
  const state = useRef({ busy: false, again: false, stopped: false });
  useEffect(() => {
    const current = state.current;
    current.stopped = false;
    return () => {
      current.stopped = true;
    };
  }, []);
  return useCallback(() => {
    const run = () => {
      const current = state.current;
      if (current.busy) {
        current.again = true;
        return;
      }
      current.busy = true;
      current.again = false;
      // A failed look for news shows nothing: the list stays as it is and the next event looks again.
      void latest.current().catch(() => undefined).finally(() => {
        setTimeout(() => {
          current.busy = false;
          if (current.again && !current.stopped) run();
        }, intervalMs);
      });
    };
    run();
  }, [intervalMs]);
}
