import { Pause, Play } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { Outlet, useNavigate, useParams, useSearchParams } from "react-router";
import { useInFlight, type FlyingCall } from "@/api/in-flight";
import { DataTable, type DataTableHandle } from "@/components/data-table";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import type { PanelWalk } from "@/components/side-panel";
import { Button } from "@/components/ui/button";
import { useWidth } from "@/hooks/use-width";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { readFilter } from "./call-filter";
import { fliesHere, joinRows, rowId } from "./call-row";
import { callColumns } from "./columns";
import { FilterBar } from "./filter-bar";
import { StartHint } from "./start-hint";
import { Tape } from "./tape";
import { useCalls } from "./use-calls";

export interface CallPanelContext {
  walk: PanelWalk;
  search: string;
  /** The call that is open, while it is in flight. */
  flying: FlyingCall | undefined;
  skewMs: number;
}

export function CallsPage() {
  const t = useT();
  const navigate = useNavigate();
  const { callId } = useParams();
  const [params] = useSearchParams();
  const [live, setLive] = useState(true);
  const [atTop, setAtTop] = useState(true);
  const [seen, setSeen] = useState(0);
  const table = useRef<DataTableHandle>(null);
  const listRef = useRef<HTMLDivElement>(null);
  const listWidth = useWidth(listRef);

  const filter = useMemo(() => readFilter(params), [params]);
  const calls = useCalls(filter, live);
  const flight = useInFlight(null, live);
  const { arrived } = calls;
  const rows = useMemo(() => joinRows(flight.rows.filter((row) => fliesHere(row, filter)), calls.rows), [flight.rows, calls.rows, filter]);
  const unseen = atTop ? 0 : arrived - seen;
  const listParams = new URLSearchParams(params);
  listParams.delete("full");
  const search = listParams.toString() === "" ? "" : `?${listParams.toString()}`;
  const columns = useMemo(() => callColumns(t, search, flight.skewMs), [t, search, flight.skewMs]);

  const index = rows.findIndex((row) => rowId(row) === callId);
  const open = (at: number) => {
    const row = rows[at];
    if (row !== undefined) void navigate({ pathname: urls.call(rowId(row)), search: params.toString() });
  };
  const walk: PanelWalk = {
    previous: index > 0 ? () => open(index - 1) : null,
    next: index < rows.length - 1 ? () => open(index + 1) : null,
  };
  useHotkeys({ j: () => walk.next?.(), k: () => walk.previous?.() });
  const full = params.get("full") === "1" && callId !== undefined;

  return (
    <>
      <TopBar crumbs={[{ label: t("nav.calls") }]}>
        <Button variant="ghost" size="sm" aria-pressed={live} onClick={() => setLive(!live)}>
          {live ? <Pause /> : <Play />}
          {t(live ? "live.pause" : "live.resume")}
        </Button>
      </TopBar>
      <div className="relative flex min-h-0 flex-1">
        <div ref={listRef} className={cn("flex min-w-0 flex-1 flex-col", full && "hidden")}>
          <Tape rows={calls.rows} running={live} onOpen={(call) => void navigate({ pathname: urls.call(call.call_id), search })} />
          <FilterBar rows={calls.rows} />
          {!flight.complete && <p role="status" className="border-b bg-warn-soft px-4 py-1 text-xs text-warn">{t("flight.incomplete")}</p>}
          {calls.error !== null && rows.length === 0 ? (
            <ErrorState error={calls.error} onRetry={calls.refetch} />
          ) : calls.isPending ? (
            <SkeletonRows rows={14} />
          ) : rows.length === 0 ? (
            search === "" ? <StartHint /> : <EmptyState title={t("calls.noMatch")}>{t("calls.noMatchBody")}</EmptyState>
          ) : (
            <div className="relative flex min-h-0 flex-1 flex-col">
              {unseen > 0 && (
                <button
                  type="button"
                  onClick={() => table.current?.scrollToTop()}
                  className="absolute top-10 left-1/2 z-20 h-7 -translate-x-1/2 rounded-full bg-primary px-3 text-xs font-medium text-primary-foreground shadow-(--shadow)"
                >
                  {t("live.new", { n: unseen })}
                </button>
              )}
              <DataTable
                ref={table}
                label={t("nav.calls")}
                rows={rows}
                columns={columns}
                rowKey={rowId}
                selectedKey={callId ?? null}
                onOpen={(row) => void navigate({ pathname: urls.call(rowId(row)), search })}
                onEnd={calls.loadMore}
                onTopChange={(top) => {
                  setAtTop(top);
                  setSeen(arrived);
                }}
                anchored
                listWidth={listWidth}
              />
            </div>
          )}
        </div>
        <Outlet context={{ walk, search, flying: flight.rows.find((row) => row.call.call_id === callId), skewMs: flight.skewMs } satisfies CallPanelContext} />
      </div>
    </>
  );
}
