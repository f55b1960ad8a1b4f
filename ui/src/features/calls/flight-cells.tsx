import { Link } from "react-router";
import type { FlyingCall } from "@/api/in-flight";
import { Clock, Count } from "@/components/numbers";
import { Elapsed } from "@/features/flight/elapsed";
import { useNow } from "@/hooks/use-now";
import { agentColor } from "@/lib/agent-color";
import { millis } from "@/lib/format";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { barShare } from "./time-bar";

export function FlightTime({ row, search }: { row: FlyingCall; search: string }) {
  return (
    <Link to={{ pathname: urls.call(row.call.call_id), search }} className="hover:underline">
      <Clock at={row.call.started_at} />
    </Link>
  );
}

/** A bar that grows as the call goes on; pale until its first token. */
export function FlightBar({ row, skewMs }: { row: FlyingCall; skewMs: number }) {
  const { call, ended } = row;
  const running = ended === null;
  const now = useNow(running, 200);
  const elapsedMs = Math.max(1, (ended?.atMs ?? now) + skewMs - Date.parse(call.started_at));
  const first = millis(call.first_token_us);
  const total = barShare(elapsedMs) * 100;
  const pale = first === null ? total : total * Math.min(1, first / elapsedMs);
  const color = agentColor(call.agent);
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className={cn("relative h-1.5 min-w-0 flex-1", running && "animate-breathe")}>
        <span className="absolute inset-y-0 left-0 rounded-[1px] opacity-30" style={{ width: `${String(pale)}%`, backgroundColor: color }} />
        <span className="absolute inset-y-0 rounded-[1px]" style={{ left: `${String(pale)}%`, width: `${String(Math.max(total - pale, 0))}%`, backgroundColor: color }} />
      </span>
      <span className="w-14 text-right">
        <Elapsed startedAt={call.started_at} skewMs={skewMs} running={running} endMs={ended?.atMs} />
      </span>
    </span>
  );
}

/** What it has said so far; the exact count comes with the record. */
export function FlightTokens({ row }: { row: FlyingCall }) {
  if (row.call.output_tokens === 0) return <span className="text-faint">–</span>;
  return (
    <span className="text-muted-foreground tabular-nums">
      ~<Count value={row.call.output_tokens} />
    </span>
  );
}
