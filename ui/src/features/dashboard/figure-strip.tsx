import { useMemo, type ReactNode } from "react";
import { Link } from "react-router";
import type { Figures, Overview } from "@/api/types";
import { Count, Duration, Money, Unknown } from "@/components/numbers";
import { useT, type MessageKey } from "@/i18n/i18n";
import { formatCount, formatMoney, formatPercent } from "@/lib/format";
import { callsUrl } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { beforeLabels } from "./before-labels";
import { cacheReadShare, change, compared, metrics, prepareSeries, type Metric, type Range } from "./series";

export const metricLabels: Record<Metric, MessageKey> = { calls: "dash.calls", cost: "dash.cost", tokens: "dash.tokens", p95: "dash.p95", errors: "dash.errors" };

interface FigureStripProps {
  overview: Overview;
  /** Undefined while it loads. */
  before: Overview | undefined;
  range: Range;
  now: Date;
  metric: Metric;
  onMetric: (metric: Metric) => void;
  from: string;
}

/** The figures of the range. The name chooses what the chart draws; the number opens the calls it sums. */
export function FigureStrip({ overview, before, range, now, metric, onMetric, from }: FigureStripProps) {
  const t = useT();
  const { totals } = overview;
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
              <FigureNote metric={one} totals={totals} change={before !== undefined && <Change of={one} overview={overview} before={before} range={range} now={now} />} />
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

/** From here on a change is told as a multiple. */
const MANY_TIMES = 10;
/** Less than this share is no change. */
const NO_CHANGE = 0.001;

function formatChange(share: number): string {
  if (Math.abs(share) < NO_CHANGE) return "±0%";
  return `${share > 0 ? "+" : "−"}${formatPercent(Math.abs(share))}`;
}

/** One quiet line under a figure: what it is made of, or how it changed. */
function FigureNote({ metric, totals, change }: { metric: Metric; totals: Figures; change: ReactNode }) {
  const t = useT();
  switch (metric) {
    case "calls":
      return change;
    case "cost":
      if (totals.cache_hits > 0) return t("dash.cacheHits", { n: formatCount(totals.cache_hits), saved: formatMoney(totals.cost_saved) });
      return totals.unknown_cost_calls > 0 ? t("dash.unknownCosts", { n: totals.unknown_cost_calls }) : change;
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

function Change({ of, overview, before, range, now }: { of: Metric; overview: Overview; before: Overview; range: Range; now: Date }) {
  const t = useT();
  const sums = useMemo(() => compared(prepareSeries(overview, before, of, now.getTime())), [overview, before, of, now]);
  const share = change(sums.now, sums.before);
  if (share === null) return t("dash.noBefore", { before: t(beforeLabels[range]) });
  const than = t(beforeLabels[range]);
  const text = share >= MANY_TIMES ? t("dash.times", { times: formatCount(share + 1), before: than }) : t("dash.change", { change: formatChange(share), before: than });
  return <span className="tabular-nums">{text}</span>;
}
