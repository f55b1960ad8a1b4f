import { useEffect, useReducer, useState } from "react";
import { followRun } from "@/api/run-stream";
import type { RunEvent } from "@/lib/run-events";
import { applyRunEvent, emptyRun, type RunState } from "@/lib/run-state";

type Action = { events: RunEvent[] } | "reset";

function reduce(state: RunState, action: Action): RunState {
  return action === "reset" ? emptyRun : action.events.reduce(applyRunEvent, state);
}

/** A run as its events tell it, from the first one on. */
export function useRun(executionId: string): { run: RunState; lost: boolean } {
  const [run, dispatch] = useReducer(reduce, emptyRun);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    dispatch("reset");
    return followRun(executionId, { onEvents: (events) => dispatch({ events }), onLost: setLost });
  }, [executionId]);
  return { run, lost };
}
