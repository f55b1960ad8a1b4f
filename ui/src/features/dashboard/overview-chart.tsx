import { lazy, Suspense, useMemo } from "react";
import type { Overview } from "@/api/types";
import { useT } from "@/i18n/i18n";
import { formatClock, formatCount, formatDateTime, formatDuration, formatMoney, joinParts } from "@/lib/format";
import { metricLabels } from "./figure-strip";
import { beforeLabels } from "./before-labels";
import { prepareSeries, roundTicks, type Metric, type Range } from "./series";

const LineChart = lazy(async () => ({ default: (await import("@/components/charts/line-chart")).LineChart }));

interface OverviewChartProps {
  overview: Overview;
  before: Overview | undefined;
  metric: Metric;
  range: Range;
  now: Date;
}

export function OverviewChart({ overview, before, metric, range, now }: OverviewChartProps) {
  const t = useT();
  const points = useMemo(() => prepareSeries(overview, before, metric, now.getTime()), [overview, before, metric, now]);
  const ticks = useMemo(() => roundTicks(points[0]?.at ?? 0, points.at(-1)?.at ?? 0), [points]);
  const label = t(metricLabels[metric]);
  return (
    <div className="px-4 pt-3 pb-4">
      <p className="flex flex-wrap gap-x-5 text-xs text-muted-foreground">
        <span>{t("dash.perStep", { metric: label, step: joinParts(formatDuration(overview.step_s * 1_000)) })}</span>
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="w-5 border-t border-dashed border-(--faint)" />
          {t(beforeLabels[range])}
        </span>
      </p>
      <div role="img" aria-label={t("dash.chartLabel", { metric: label })} className="-ml-4 h-52">
      <Suspense fallback={null}>
        <LineChart
          points={points}
          ticks={ticks}
          color={metric === "errors" ? "var(--bad)" : "var(--ring)"}
          label={label}
          beforeLabel={t(beforeLabels[range])}
          formatValue={(value) => formatMetric(metric, value)}
          formatTime={(at) => (range === "week" ? formatDateTime(new Date(at)).slice(5) : formatClock(new Date(at), false).slice(0, 5))}
        />
      </Suspense>
      </div>
    </div>
  );
}

function formatMetric(metric: Metric, value: number): string {
  switch (metric) {
    case "cost":
      return formatMoney(String(value));
    case "p95":
      return joinParts(formatDuration(value));
    case "calls":
    case "tokens":
    case "errors":
      return formatCount(value);
  }
}
