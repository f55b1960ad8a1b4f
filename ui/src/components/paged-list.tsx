import { type ReactNode, useMemo, useRef } from "react";
import { Outlet } from "react-router";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { DataTable, type Column } from "@/components/data-table";
import { ErrorState, SkeletonRows } from "@/components/states";
import { useWidth } from "@/hooks/use-width";

interface PagedListProps<Row> {
  label: string;
  query: UseInfiniteQueryResult<InfiniteData<{ items: readonly Row[] }>>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  isSelected: (row: Row) => boolean;
  onOpen: (row: Row) => void;
  /** Rows drawn while the first page is on its way. */
  skeletonRows: number;
  /** Above the list, whatever stands in it. */
  head: ReactNode;
  /** In place of a list without rows. */
  empty: ReactNode;
  /** In place of the list, for who may not read it. */
  instead?: ReactNode;
}

/** A list that is fetched page by page, with what is opened of it beside it. */
export function PagedList<Row>(props: PagedListProps<Row>) {
  const { query, rowKey } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const selected = rows.find(props.isSelected);
  return (
    <div className="relative flex min-h-0 flex-1">
      <div ref={box} className="flex min-w-0 flex-1 flex-col">
        {props.head}
        {props.instead !== undefined ? (
          props.instead
        ) : query.error !== null && query.data === undefined ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <SkeletonRows rows={props.skeletonRows} />
        ) : rows.length === 0 ? (
          props.empty
        ) : (
          <DataTable
            label={props.label}
            rows={rows}
            columns={props.columns}
            rowKey={rowKey}
            selectedKey={selected === undefined ? null : rowKey(selected)}
            onOpen={props.onOpen}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
            }}
            listWidth={width}
          />
        )}
      </div>
      <Outlet />
    </div>
  );
}
