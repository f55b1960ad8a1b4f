import { Duration } from "@/components/numbers";
import { cn } from "@/lib/utils";
import type { Step } from "./run-tree";
import { position, type TimeWindow } from "./time-axis";

interface StepBarProps {
  step: Step;
  color: string;
  window: TimeWindow;
  nowMs: number;
  dimmed: boolean;
}

/** When a step happened; a call's wait for its first token is paler, a branch is a thin line, what runs breathes. */
export function StepBar({ step, color, window, nowMs, dimmed }: StepBarProps) {
  const endMs = step.endMs ?? Math.max(nowMs, step.startMs);
  const left = position(step.startMs, window) * 100;
  const right = position(endMs, window) * 100;
  const branch = step.kind !== "call" && step.kind !== "attempt" && step.children.length > 0;
  const own = step.status === "failed" ? "var(--bad)" : color;
  const first = step.firstTokenMs === null || endMs <= step.startMs || branch ? null : Math.min(1, step.firstTokenMs / (endMs - step.startMs));
  const waiting = step.flight !== null && step.flight.ended === null && step.flight.call.state === "waiting";
  const pale = first !== null || waiting;
  return (
    <div className="relative min-w-0 flex-1 overflow-hidden">
      <span
        aria-hidden
        className={cn("absolute top-1/2 min-w-0.5 -translate-y-1/2 overflow-hidden rounded-[2px]", branch ? "h-1" : "h-3", step.endMs === null && "animate-breathe")}
        style={{ left: `${String(left)}%`, width: `${String(Math.max(right - left, 0))}%`, backgroundColor: pale ? `color-mix(in oklab, ${own} 35%, transparent)` : own, opacity: (branch ? 0.55 : 1) * (dimmed ? 0.3 : 1) }}
      >
        {first !== null && <span className="absolute inset-y-0 right-0" style={{ left: `${String(first * 100)}%`, backgroundColor: own }} />}
      </span>
      <span className="absolute top-1/2 -translate-y-1/2 px-1.5 text-2xs whitespace-nowrap text-muted-foreground" style={right < 82 ? { left: `${String(Math.max(right, 0))}%` } : { right: `${String(Math.max(100 - left, 0))}%` }}>
        <Duration ms={endMs - step.startMs} />
      </span>
    </div>
  );
}
