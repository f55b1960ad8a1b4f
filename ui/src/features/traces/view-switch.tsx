import { ChartGantt, ListTree, Workflow } from "lucide-react";
import { useRef } from "react";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import { traceViews, type TraceViewName } from "./selection";

const icons = { tree: ListTree, lanes: ChartGantt, graph: Workflow } as const;

/** The views of a run; 1, 2 and 3 on the keyboard, or the arrows while one is focused. */
export function ViewSwitch({ view, onChange }: { view: TraceViewName; onChange: (view: TraceViewName) => void }) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const move = (by: number) => {
    const index = (traceViews.indexOf(view) + by + traceViews.length) % traceViews.length;
    const next = traceViews[index];
    if (next === undefined) return;
    onChange(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={t("tree.views")} className="flex gap-1">
      {traceViews.map((one, index) => {
        const Icon = icons[one];
        return (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={view === one}
            aria-controls="trace-view"
            tabIndex={view === one ? 0 : -1}
            onClick={() => onChange(one)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
              event.preventDefault();
              event.stopPropagation();
              move(event.key === "ArrowRight" ? 1 : -1);
            }}
            className={cn("flex h-7 items-center gap-1.5 rounded-md px-2 text-sm text-muted-foreground hover:bg-hover", view === one && "bg-selected font-medium text-foreground")}
          >
            <Icon aria-hidden className="size-3.5" />
            {t(`tree.view.${one}`)}
            <kbd aria-hidden className="key">{index + 1}</kbd>
          </button>
        );
      })}
    </div>
  );
}
