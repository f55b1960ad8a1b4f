import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";
import { useTraceFeed } from "@/api/live";
import { queries } from "@/api/queries";
import type { TraceDetail } from "@/api/types";
import { Count, Duration, Money } from "@/components/numbers";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { useThrottled } from "@/hooks/use-throttled";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import { SpanDetail } from "./span-detail";
import { sumTrace } from "./trace-tree";
import { TraceView } from "./trace-view";

const RELOAD_INTERVAL_MS = 800;

export function TracePage() {
  const t = useT();
  const { traceId = "" } = useParams();
  const query = useQuery(queries.trace(traceId));
  useLiveTrace(traceId);
  const trace = query.data;
  const name = trace === undefined || trace.name === "" ? shortId(traceId) : trace.name;
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.traces"), to: urls.traces() }, { label: name }]}>{trace !== undefined && <TraceFigures trace={trace} />}</TopBar>
      {trace !== undefined ? <TraceBody trace={trace} /> : query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows rows={16} height={28} />}
    </>
  );
}

function TraceBody({ trace }: { trace: TraceDetail }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const selected = params.get("span");
  const span = trace.spans.find((one) => one.span_id === selected);
  const select = (spanId: string | null) => setParams(spanId === null ? {} : { span: spanId }, { replace: true });
  if (trace.spans.length === 0) return <EmptyState title={t("trace.empty")} />;
  return (
    <div className="relative flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {trace.truncated && <p className="border-b bg-warn-soft px-4 py-1 text-xs text-warn">{t("trace.truncated", { n: trace.spans.length })}</p>}
        <TraceView spans={trace.spans} selected={selected} onSelect={select} />
      </div>
      {span !== undefined && (
        <SidePanel label={t("trace.step")} title={span.name === "" ? span.span_type : span.name} onClose={() => select(null)}>
          <SpanDetail key={span.span_id} span={span} />
        </SidePanel>
      )}
    </div>
  );
}

/** What arrives for this trace is loaded with everything it changes: sums, ends, the tree. */
export function useLiveTrace(traceId: string, enabled = true): void {
  const queryClient = useQueryClient();
  const reload = useThrottled(() => queryClient.invalidateQueries({ queryKey: queries.trace(traceId).queryKey }), RELOAD_INTERVAL_MS);
  useTraceFeed(traceId, reload, reload, enabled && traceId !== "");
}

export function TraceFigures({ trace }: { trace: TraceDetail }) {
  const t = useT();
  const sums = useMemo(() => sumTrace(trace.spans), [trace.spans]);
  return (
    <dl className="flex items-center gap-5 text-sm max-lg:hidden">
      <Figure label={t("calls.duration")}>
        <Duration ms={trace.duration_us / 1_000} />
      </Figure>
      <Figure label={t("traces.calls")}>
        <Count value={sums.calls} />
      </Figure>
      <Figure label={t("calls.tokens")}>
        <Count value={sums.inputTokens + sums.outputTokens} />
      </Figure>
      <Figure label={t("calls.cost")}>{sums.calls > 0 && sums.unknownCosts === sums.calls ? <Money amount={null} /> : <Money amount={sums.cost} />}</Figure>
    </dl>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="font-semibold">{children}</dd>
    </div>
  );
}
