import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useTeamFeed } from "@/api/live";
import { queries } from "@/api/queries";
import type { TraceSummary } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { DataTable, type Column } from "@/components/data-table";
import { Clock, Count, Duration, Money } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useThrottled } from "@/hooks/use-throttled";
import { useWidth } from "@/hooks/use-width";
import { useT, type Translate } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import { readTraceFilter, withTraceParam } from "./trace-filter";
import { TraceFilterBar } from "./trace-filter-bar";

export function TracesPage() {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => readTraceFilter(params), [params]);
  const query = useInfiniteQuery(queries.traces(filter));
  const reload = useThrottled(() => queryClient.invalidateQueries({ queryKey: ["traces"] }), 2_000);
  useTeamFeed(reload, reload);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const picked = params.get("compare");
  const isFiltered = Object.keys(filter).length > 0;
  const columns = useMemo(() => {
    const pick = (traceId: string) => {
      if (picked === null) setParams(withTraceParam(params, "compare", traceId), { replace: true });
      else if (picked === traceId) setParams(withTraceParam(params, "compare", ""), { replace: true });
      // The older of two runs stands first: what changed since is at the right.
      else void navigate(urls.diff(...olderFirst(rows, picked, traceId)));
    };
    return [pickColumn(t, picked, pick), ...traceColumns(t)];
  }, [t, picked, params, setParams, navigate, rows]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.traces") }]} />
      {picked !== null && (
        <div role="status" className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 border-b bg-sunken px-4 py-1 text-sm">
          <span className="min-w-0 flex-1">
            {t("diff.pickedOne")} <code className="text-xs">{shortId(picked)}</code>
          </span>
          <Button variant="ghost" size="sm" onClick={() => setParams(withTraceParam(params, "compare", ""), { replace: true })}>{t("diff.clear")}</Button>
        </div>
      )}
      <div ref={box} className="flex min-h-0 flex-1 flex-col">
        {(isFiltered || rows.length > 0) && <TraceFilterBar rows={rows} />}
        {query.error !== null && rows.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <SkeletonRows rows={14} />
        ) : rows.length === 0 ? (
          <EmptyState title={t(isFiltered ? "traces.noMatch" : "traces.empty")}>{t(isFiltered ? "calls.noMatchBody" : "traces.emptyBody")}</EmptyState>
        ) : (
          <DataTable label={t("nav.traces")} rows={rows} columns={columns} rowKey={(row) => row.trace_id} onOpen={(row) => void navigate(urls.trace(row.trace_id))} onEnd={more} anchored listWidth={width} />
        )}
      </div>
    </>
  );
}

function olderFirst(rows: readonly TraceSummary[], one: string, other: string): [string, string] {
  const startOf = (traceId: string) => Date.parse(rows.find((row) => row.trace_id === traceId)?.started_at ?? "");
  return startOf(one) > startOf(other) ? [other, one] : [one, other];
}

/** Two runs are chosen one after the other; the second opens the comparison. */
function pickColumn(t: Translate, picked: string | null, pick: (traceId: string) => void): Column<TraceSummary> {
  return {
    id: "pick",
    header: <span className="sr-only">{t("diff.title")}</span>,
    width: "24px",
    cell: (trace) => (
      <input
        type="checkbox"
        className="size-4 translate-y-0.5 accent-(--ring)"
        checked={picked === trace.trace_id}
        aria-label={t(picked === null || picked === trace.trace_id ? "diff.pickOne" : "diff.picked")}
        title={t(picked === null || picked === trace.trace_id ? "diff.pickOne" : "diff.picked")}
        onChange={() => pick(trace.trace_id)}
      />
    ),
  };
}

function traceColumns(t: Translate): readonly Column<TraceSummary>[] {
  return [
    { id: "time", header: t("calls.time"), width: "100px", cell: (trace) => <Clock at={trace.started_at} /> },
    {
      id: "name",
      header: t("common.name"),
      width: "minmax(140px,1fr)",
      cell: (trace) => (
        <Link to={urls.trace(trace.trace_id)} className="font-medium hover:underline">
          {trace.name === "" ? <span className="font-mono text-xs">{shortId(trace.trace_id)}</span> : trace.name}
        </Link>
      ),
    },
    {
      id: "agents",
      header: t("traces.agents"),
      width: "minmax(0,1fr)",
      minListWidth: 760,
      cell: (trace) => (
        <span className="flex gap-3 overflow-hidden text-muted-foreground">
          {trace.agents.slice(0, 4).map((agent) => (
            <AgentChip key={agent} name={agent} />
          ))}
          {trace.agents.length > 4 && <span>+{trace.agents.length - 4}</span>}
        </span>
      ),
    },
    { id: "calls", header: t("traces.calls"), width: "64px", align: "right", minListWidth: 640, cell: (trace) => <Count value={trace.call_count} /> },
    { id: "duration", header: t("calls.duration"), width: "76px", align: "right", cell: (trace) => <Duration ms={trace.duration_us / 1_000} /> },
    { id: "tokens", header: t("calls.tokens"), width: "76px", align: "right", minListWidth: 700, cell: (trace) => <Count value={trace.input_tokens + trace.output_tokens} /> },
    { id: "cost", header: t("calls.cost"), width: "84px", align: "right", cell: (trace) => (trace.call_count > 0 && trace.unknown_cost_count === trace.call_count ? <Money amount={null} /> : <Money amount={trace.cost} />) },
    {
      id: "errors",
      header: t("traces.errors"),
      width: "60px",
      align: "right",
      cell: (trace) => (trace.error_count > 0 ? <span className="font-medium text-bad"><Count value={trace.error_count} /></span> : <span className="text-faint">–</span>),
    },
  ];
}
