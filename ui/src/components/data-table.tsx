import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, type ReactNode, type Ref } from "react";
import { usePrefs } from "@/lib/prefs";
import { cn } from "@/lib/utils";

export interface Column<Row> {
  id: string;
  header: ReactNode;
  /** CSS grid track: `72px`, `minmax(120px,1fr)`. */
  width: string;
  align?: "left" | "right";
  /** Hidden while the list is narrower than this many pixels. */
  minListWidth?: number;
  cell: (row: Row) => ReactNode;
}

export interface DataTableHandle {
  scrollToTop: () => void;
}

interface DataTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  selectedKey?: string | null;
  onOpen?: (row: Row) => void;
  rowClass?: (row: Row) => string | undefined;
  /** Called near the end of the list. */
  onEnd?: () => void;
  /** True while the first row is in view. */
  onTopChange?: (atTop: boolean) => void;
  /** Keeps what is being read in place when rows arrive above it. */
  anchored?: boolean;
  /** Width of the list, so that columns can give way. */
  listWidth: number;
  footer?: ReactNode;
  ref?: Ref<DataTableHandle>;
}

/** A dense, virtual list with the roles of a table. All rows have one height. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, rowKey, selectedKey = null, listWidth } = props;
  const rowHeight = usePrefs().dense ? 32 : 40;
  const scroller = useRef<HTMLDivElement>(null);
  const shown = columns.filter((column) => listWidth >= (column.minListWidth ?? 0));
  const template = shown.map((column) => column.width).join(" ");
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  useAnchor(scroller, rows, rowKey, rowHeight, props.anchored ?? false);

  const selectedIndex = selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
    // Only a change of selection scrolls, not a list that grows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedKey]);
  useImperativeHandle(props.ref, () => ({ scrollToTop: () => virtual.scrollToOffset(0) }), [virtual]);

  const items = virtual.getVirtualItems();
  const { onEnd, onTopChange } = props;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 10) onEnd?.();
  }, [last, rows.length, onEnd]);

  return (
    <div
      ref={scroller}
      role="table"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      onScroll={(event) => onTopChange?.(event.currentTarget.scrollTop < rowHeight)}
      className="min-h-0 flex-1 overflow-auto text-sm focus-visible:outline-offset-[-2px]"
    >
      <div role="rowgroup" className="sticky top-0 z-10 bg-background">
        <div role="row" aria-rowindex={1} className="grid h-8 items-center gap-x-4 border-b px-4 text-xs text-muted-foreground" style={{ gridTemplateColumns: template }}>
          {shown.map((column) => (
            <div key={column.id} role="columnheader" className={cn("truncate", column.align === "right" && "text-right")}>
              {column.header}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const key = rowKey(row);
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={key === selectedKey}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest("a,button,input") === null) props.onOpen?.(row);
              }}
              className={cn(
                "absolute inset-x-0 top-0 grid items-center gap-x-4 border-b border-line px-4",
                props.onOpen !== undefined && "cursor-default hover:bg-hover",
                props.rowClass?.(row),
                key === selectedKey && "bg-selected hover:bg-selected",
              )}
              style={{ gridTemplateColumns: template, height: item.size, transform: `translateY(${String(item.start)}px)` }}
            >
              {shown.map((column) => (
                <div key={column.id} role="cell" className={cn("min-w-0 truncate", column.align === "right" && "text-right")}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {props.footer}
    </div>
  );
}

/** When rows arrive above what is being read, moves the scroll by exactly their height. */
function useAnchor<Row>(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  rowHeight: number,
  enabled: boolean,
): void {
  const firstKey = useRef<string | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = firstKey.current;
    firstKey.current = rows[0] === undefined ? null : rowKey(rows[0]);
    if (!enabled || element === null || before === null || before === firstKey.current) return;
    if (element.scrollTop < rowHeight) return;
    const added = rows.findIndex((row) => rowKey(row) === before);
    if (added > 0) element.scrollBy(0, added * rowHeight);
  });
}
