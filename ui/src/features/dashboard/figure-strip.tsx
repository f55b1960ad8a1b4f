import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Figures, Overview } from "@/api/types";
import { Count, Duration, Money, Unknown } from "@/components/numbers";
import { useT, type MessageKey } from "@/i18n/i18n";
import { formatCount, formatMoney, formatPercent } from "@/lib/format";
import { callsUrl } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { cacheReadShare, change, metrics, type Metric } from "./series";

export const metricLabels: Record<Metric, MessageKey> = { calls: "dash.calls", cost: "dash.cost", tokens: "dash.tokens", p95: "dash.p95", errors: "dash.errors" };

interface FigureStripProps {
  overview: Overview;
  metric: Metric;
  onMetric: (metric: Metric) => void;
  from: string;
}

/** The figures of the range. The name chooses what the chart draws; the number opens the calls it sums. */
export function FigureStrip({ overview, metric, onMetric, from }: FigureStripProps) {
  const t = useT();
  const { totals, previous } = overview;
  return (
    <dl className="grid grid-cols-2 border-b sm:grid-cols-3 lg:grid-cols-5">
      {metrics.map((one) => (
        <div key={one} className={cn("flex min-w-0 flex-col border-r border-b-2 border-b-transparent px-4 pt-3 pb-2.5 last:border-r-0", one === metric && "border-b-(--ring)")}>
          <dt>
            <button type="button" aria-pressed={one === metric} onClick={() => onMetric(one)} className={cn("-mx-1 h-6 rounded-sm px-1 text-xs hover:bg-hover", one === metric ? "font-semibold" : "text-muted-foreground")}>
              {t(metricLabels[one])}
            </button>
          </dt>
          <dd className="min-w-0">
            <Link to={callsUrl({ from })} className="text-2xl leading-8 font-semibold tracking-tight decoration-1 underline-offset-4 hover:underline">
              <FigureValue metric={one} figures={totals} />
            </Link>
            <div className="text-xs text-muted-foreground">
              <FigureNote metric={one} totals={totals} previous={previous} />
            </div>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FigureValue({ metric, figures }: { metric: Metric; figures: Figures }): ReactNode {
  switch (metric) {
    case "calls":
      return <Count value={figures.calls} />;
    case "errors":
      return <Count value={figures.errors} />;
    case "tokens":
      return <Count value={figures.input_tokens + figures.output_tokens} />;
    case "cost":
      return figures.calls > 0 && figures.unknown_cost_calls === figures.calls ? <Unknown /> : <Money amount={figures.cost} />;
    case "p95":
      return figures.duration_p95_us === null || figures.duration_p95_us === undefined ? <span className="text-faint">–</span> : <Duration ms={figures.duration_p95_us / 1_000} />;
  }
}

/** One quiet line under a figure: what it is made of, or how it changed. */
function FigureNote({ metric, totals, previous }: { metric: Metric; totals: Figures; previous: Figures }) {
  const t = useT();
  switch (metric) {
    case "calls":
      return <Change now={totals.calls} before={previous.calls} />;
    case "cost":
      if (totals.cache_hits > 0) return t("dash.cacheHits", { n: formatCount(totals.cache_hits), saved: formatMoney(totals.cost_saved) });
      return totals.unknown_cost_calls > 0 ? t("dash.unknownCosts", { n: totals.unknown_cost_calls }) : <Change now={Number(totals.cost)} before={Number(previous.cost)} />;
    case "tokens": {
      const cached = cacheReadShare(totals);
      return (
        <>
          <Count value={totals.input_tokens} /> {t("dash.in")}, <Count value={totals.output_tokens} /> {t("dash.out")}
          {cached !== null && <div>{t("dash.cacheRead", { share: formatPercent(cached) })}</div>}
        </>
      );
    }
    case "p95":
      return totals.first_token_p95_us === null || totals.first_token_p95_us === undefined ? null : (
        <>
          {t("call.firstToken")} <Duration ms={totals.first_token_p95_us / 1_000} />
        </>
      );
    case "errors":
      return totals.calls === 0 ? null : t("dash.errorShare", { share: formatPercent(totals.errors / totals.calls) });
  }
}

function Change({ now, before }: { now: number; before: number }) {
  const t = useT();
  const share = change(now, before);
  if (share === null) return t("dash.noBefore");
  const sign = share > 0 ? "+" : "−";
  return (
    <span className="tabular-nums">
      {t("dash.change", { change: share === 0 ? "±0%" : `${sign}${formatPercent(Math.abs(share))}` })}
    </span>
  );
}
