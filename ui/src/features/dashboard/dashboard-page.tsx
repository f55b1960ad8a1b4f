import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useTeamFeed } from "@/api/live";
import { queries } from "@/api/queries";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useThrottled } from "@/hooks/use-throttled";
import { useT, type MessageKey } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { FigureStrip } from "./figure-strip";
import { GroupTable } from "./group-table";
import { OverviewChart } from "./overview-chart";
import { periodOf, ranges, type Metric, type Range } from "./series";

/** Figures follow the calls at this pace. */
const RELOAD_INTERVAL_MS = 5_000;
const CLOCK_INTERVAL_MS = 60_000;

const rangeLabels: Record<Range, MessageKey> = { hour: "dash.hour", today: "dash.today", week: "dash.week" };

export function DashboardPage() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const range = ranges.find((one) => one === params.get("range")) ?? "today";
  const [metric, setMetric] = useState<Metric>("calls");
  const now = useNow();
  const period = useMemo(() => periodOf(range, now), [range, now]);
  const current = useQuery({ ...queries.overview(period.from, period.to), placeholderData: keepPreviousData });
  const before = useQuery({ ...queries.overview(period.before.from, period.before.to), placeholderData: keepPreviousData });
  const overview = current.data;

  return (
    <>
      <TopBar crumbs={[{ label: t("nav.dashboard") }]}>
        <div role="group" aria-label={t("dash.range")} className="flex gap-px">
          {ranges.map((one) => (
            <Button key={one} size="sm" variant="ghost" aria-pressed={one === range} onClick={() => setParams(one === "today" ? {} : { range: one })} className={cn(one === range && "bg-selected text-foreground")}>
              {t(rangeLabels[one])}
            </Button>
          ))}
        </div>
      </TopBar>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {overview === undefined ? (
          current.error !== null ? <ErrorState error={current.error} onRetry={() => void current.refetch()} /> : <SkeletonRows rows={12} height={40} />
        ) : (
          <>
            <FigureStrip overview={overview} before={before.data} range={range} now={now} metric={metric} onMetric={setMetric} from={period.from} />
            {overview.totals.calls === 0 && overview.previous.calls === 0 ? (
              <EmptyState
                title={t("dash.empty")}
                action={
                  <Button asChild>
                    <Link to="/start">{t("calls.emptyAction")}</Link>
                  </Button>
                }
              >
                {t("calls.emptyBody")}
              </EmptyState>
            ) : (
              <>
                <OverviewChart overview={overview} before={before.data} metric={metric} range={range} now={now} />
                <p className="px-4 pb-4 text-sm">
                  <Link to={urls.whatIf(range === "week" ? "" : "day")} className="text-muted-foreground underline-offset-2 hover:text-foreground hover:underline">
                    {t("whatIf.open")}
                  </Link>
                </p>
                <div className="grid gap-x-10 gap-y-8 px-4 pt-2 pb-10 xl:grid-cols-2">
                  <GroupTable title={t("dash.byModel")} kind="model" groups={overview.by_model} from={period.from} />
                  <GroupTable title={t("dash.byAgent")} kind="agent" groups={overview.by_agent} from={period.from} />
                </div>
              </>
            )}
          </>
        )}
      </div>
    </>
  );
}

/** The end of the range: moves when calls arrive, and with the clock. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  const tick = useThrottled(() => {
    setNow(new Date());
    return Promise.resolve();
  }, RELOAD_INTERVAL_MS);
  useTeamFeed(tick, tick);
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), CLOCK_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
