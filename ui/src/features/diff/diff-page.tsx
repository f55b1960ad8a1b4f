import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import { useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import type { DiffStep, TraceDiff } from "@/api/types";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { DiffFigures } from "./diff-figures";
import { stepKey } from "./diff-rows";
import { DiffSteps } from "./diff-steps";
import { StepCompare } from "./step-compare";

/** Two runs side by side, step by step, aligned by what was sent and answered. */
export function DiffPage() {
  const t = useT();
  const { traceId = "", otherId = "" } = useParams();
  const query = useQuery(queries.diff(traceId, otherId));
  const diff = query.data;
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.traces"), to: urls.traces() }, { label: t("diff.title") }]}>
        <Button asChild variant="ghost" size="sm">
          <Link to={urls.diff(otherId, traceId)} aria-label={t("diff.swap")} title={t("diff.swap")}>
            <ArrowLeftRight />
            <span className="max-md:sr-only">{t("diff.swap")}</span>
          </Link>
        </Button>
      </TopBar>
      {diff !== undefined ? <Diff diff={diff} /> : query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows rows={14} height={44} />}
    </>
  );
}

function Diff({ diff }: { diff: TraceDiff }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const onlyChanged = params.get("show") === "changed";
  const changed = useMemo(() => diff.steps.filter((step) => step.kind !== "same"), [diff.steps]);
  const shown = onlyChanged ? changed : diff.steps;
  const chosenKey = params.get("step");
  const index = shown.findIndex((step) => stepKey(step) === chosenKey);
  const chosen = shown[index];
  const set = (name: string, value: string | null) => {
    const next = new URLSearchParams(params);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: true });
  };
  const choose = (step: DiffStep | undefined) => {
    if (step !== undefined) set("step", stepKey(step));
  };
  const walk = (by: number) => choose(index === -1 ? shown[0] : shown[index + by]);
  useHotkeys({ j: () => walk(1), k: () => walk(-1), ArrowDown: () => walk(1), ArrowUp: () => walk(-1), c: () => set("show", onlyChanged ? null : "changed"), Escape: () => set("step", null) });
  if (diff.steps.length === 0) return <EmptyState title={t("diff.empty")} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <DiffFigures diff={diff} />
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 text-xs">
        <ShowChoice onlyChanged={onlyChanged} onChange={(only) => set("show", only ? "changed" : null)} />
        <span className="text-muted-foreground">{changed.length === 0 ? t("diff.same") : t("diff.counts", { changed: changed.length, all: diff.steps.length })}</span>
      </div>
      {diff.truncated && <p className="border-b bg-warn-soft px-4 py-1 text-xs text-warn">{t("diff.truncated")}</p>}
      {shown.length === 0 ? <EmptyState title={t("diff.noneLeft")} /> : <DiffSteps steps={shown} chosen={chosen === undefined ? null : stepKey(chosen)} onChoose={choose} />}
      {chosen !== undefined && <StepCompare key={stepKey(chosen)} step={chosen} onClose={() => set("step", null)} />}
    </div>
  );
}

function ShowChoice({ onlyChanged, onChange }: { onlyChanged: boolean; onChange: (only: boolean) => void }) {
  const t = useT();
  const options = [
    { only: false, label: t("diff.all") },
    { only: true, label: t("diff.changed") },
  ];
  return (
    <div role="group" aria-label={t("diff.changed")} className="flex gap-1">
      {options.map(({ only, label }) => (
        <button key={label} type="button" aria-pressed={onlyChanged === only} onClick={() => onChange(only)} className={cn("h-7 rounded-md px-2 text-muted-foreground hover:bg-hover", onlyChanged === only && "bg-selected font-medium text-foreground")}>
          {label}
          {only && <kbd aria-hidden className="key ml-1.5">c</kbd>}
        </button>
      ))}
    </div>
  );
}

/** The head of one side: which run it is. */
export function RunLink({ traceId, label }: { traceId: string; label: string }) {
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="text-xs text-muted-foreground">{label}</span>
      <Link to={urls.trace(traceId)} className="truncate font-mono text-xs font-medium hover:underline">{shortId(traceId)}</Link>
    </span>
  );
}
