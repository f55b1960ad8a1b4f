import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useTeamFeed } from "@/api/live";
import { queries } from "@/api/queries";
import { AgentChip } from "@/components/agent-chip";
import { Clock, Duration } from "@/components/numbers";
import { CallCost, CallModel, CallTokens } from "@/features/calls/columns";
import { useThrottled } from "@/hooks/use-throttled";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { ANY_CALL } from "./any-call";

const LOOK_INTERVAL_MS = 700;

/** Waits for a call and shows it the moment it arrives. */
export function FirstCall() {
  const t = useT();
  const query = useInfiniteQuery(queries.calls(ANY_CALL));
  const { refetch } = query;
  const look = useThrottled(async () => {
    await refetch();
  }, LOOK_INTERVAL_MS);
  useTeamFeed(look, look);
  const calls = query.data?.pages[0]?.items.slice(0, 5) ?? [];
  if (calls.length === 0) {
    return (
      <p role="status" className="flex items-center gap-2.5 text-muted-foreground">
        <span aria-hidden className="size-2 animate-breathe rounded-full bg-(--ring)" />
        {t("start.waiting")}
      </p>
    );
  }
  return (
    <div role="status">
    <ul aria-label={t("start.watch")} className="text-sm">
      {calls.map((call) => (
        <li key={call.call_id} className="animate-arrive border-b">
          <Link to={urls.call(call.call_id)} className="grid h-9 grid-cols-[90px_minmax(0,1fr)_minmax(0,1fr)_70px_110px_80px] items-center gap-3 px-1 hover:bg-hover">
            <Clock at={call.started_at} />
            <span className="truncate"><CallModel call={call} /></span>
            <AgentChip name={call.agent} />
            <span className="text-right"><Duration ms={call.duration_us / 1_000} /></span>
            <span className="text-right"><CallTokens call={call} /></span>
            <span className="text-right"><CallCost call={call} /></span>
          </Link>
        </li>
      ))}
    </ul>
    </div>
  );
}
