import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTeamFeed } from "@/api/live";
import { PAGE_ROWS, queries } from "@/api/queries";
import type { CallFilter, CallSummary } from "@/api/types";
import { useThrottled } from "@/hooks/use-throttled";
import { mergeHead } from "./call-rows";

/** The newest page is asked for at most this often, however fast calls come. */
const HEAD_INTERVAL_MS = 700;

interface Page {
  items: CallSummary[];
  next_cursor?: string | null | undefined;
}

type Rows = InfiniteData<Page, string | null>;

export interface CallList {
  rows: CallSummary[];
  isPending: boolean;
  error: Error | null;
  refetch: () => void;
  loadMore: () => void;
  /** Grows by the calls that arrived since the page was opened. */
  arrived: number;
}

/** The calls that match a filter: pages going back in time, and what arrives while one looks. */
export function useCalls(filter: CallFilter, live: boolean): CallList {
  const queryClient = useQueryClient();
  const options = useMemo(() => queries.calls(filter), [filter]);
  const query = useInfiniteQuery(options);
  const [arrived, setArrived] = useState(0);

  const loadHead = useCallback(async () => {
    const head = await queries.callsHead(filter);
    queryClient.setQueryData<Rows>([...options.queryKey], (data) => {
      if (data === undefined) return data;
      const merge = mergeHead(data.pages.flatMap((page) => page.items), head.items, head.items.length >= PAGE_ROWS);
      if (merge.fresh > 0) setArrived((before) => before + merge.fresh);
      // One page holds all rows; where older ones continue is known from the last page.
      const next = merge.gap ? head.next_cursor : data.pages.at(-1)?.next_cursor;
      return { pages: [{ items: merge.rows, ...(next === undefined ? {} : { next_cursor: next }) }], pageParams: [null] };
    });
  }, [filter, options, queryClient]);

  const poke = useThrottled(loadHead, HEAD_INTERVAL_MS);
  useTeamFeed((message) => {
    if (isCallRecord(message)) poke();
  }, poke, live);

  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  return {
    rows: useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]),
    isPending: query.isPending,
    error: query.error,
    refetch: useCallback(() => void refetch(), [refetch]),
    loadMore: useCallback(() => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    }, [hasNextPage, isFetchingNextPage, fetchNextPage]),
    arrived,
  };
}

/** Live records say what they are; only calls concern this list. */
export function isCallRecord(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const kind = "type" in message ? message.type : "kind" in message ? message.kind : undefined;
  return kind === "call";
}
