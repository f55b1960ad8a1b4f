import { useEffect, useRef, useState } from "react";
import type { CallSummary } from "@/api/types";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { formatDuration, joinParts } from "@/lib/format";
import { barShare } from "./time-bar";

/** How much time the tape shows. */
const SPAN_MS = 5 * 60_000;
/** Pixels; the longest call is as high as `HEIGHT`. */
const TAPE_HEIGHT = 52;
const HEIGHT = 30;

interface TapeProps {
  rows: readonly CallSummary[];
  running: boolean;
  onOpen: (call: CallSummary) => void;
}

/** The last five minutes as one mark per call: where it started, how long it took, whose it was. */
export function Tape({ rows, running, onOpen }: TapeProps) {
  const t = useT();
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const now = useNow(running);
  const from = now - SPAN_MS;
  const x = (at: number) => ((at - from) / SPAN_MS) * width;
  const recent = rows.filter((row) => Date.parse(row.started_at) >= from);
  return (
    <div ref={ref} className="relative h-13 shrink-0 border-b bg-sunken" title={t("calls.tapeTitle")}>
      <svg aria-hidden width={width} height={TAPE_HEIGHT} className="absolute inset-0">
        {[1, 2, 3, 4].map((minute) => (
          <line key={minute} x1={x(now - minute * 60_000)} x2={x(now - minute * 60_000)} y1={0} y2={TAPE_HEIGHT} stroke="var(--line)" />
        ))}
        {recent.map((row) => (
          <Mark key={row.call_id} row={row} x={x(Date.parse(row.started_at))} onOpen={onOpen} />
        ))}
      </svg>
      <span aria-hidden className="pointer-events-none absolute top-1 left-4 text-2xs text-faint">{t("calls.minutesAgo", { n: 5 })}</span>
      <span aria-hidden className="pointer-events-none absolute top-1 right-2 text-2xs text-faint">{t("calls.now")}</span>
    </div>
  );
}

function Mark({ row, x, onOpen }: { row: CallSummary; x: number; onOpen: (call: CallSummary) => void }) {
  const height = Math.max(4, barShare(row.duration_us / 1_000) * HEIGHT);
  const failed = row.status !== "ok";
  const color = failed ? "var(--bad)" : agentColor(row.agent);
  return (
    <g onClick={() => onOpen(row)}>
      <title>{`${row.requested_model} · ${row.agent ?? "–"} · ${joinParts(formatDuration(row.duration_us / 1_000))}`}</title>
      <rect x={x - 4} y={0} width={9} height={TAPE_HEIGHT} fill="transparent" />
      <rect x={x} y={TAPE_HEIGHT - height} width={2} height={height} fill={color} />
      {failed && <circle cx={x + 1} cy={TAPE_HEIGHT - height - 4} r={2} fill={color} />}
    </g>
  );
}

/** The clock, ticking once a second while it matters. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
