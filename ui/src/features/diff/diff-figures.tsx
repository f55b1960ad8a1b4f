import type { ReactNode } from "react";
import type { TraceDiff } from "@/api/types";
import { Count, Duration, Money } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import { RunLink } from "./diff-page";
import { deltaOf, formatDelta, knownCost, type Delta } from "./diff-rows";

/** What both runs took, and how much more or less the second did. */
export function DiffFigures({ diff }: { diff: TraceDiff }) {
  const t = useT();
  const { a, b } = diff;
  const [costA, costB] = [knownCost(a), knownCost(b)];
  const rows: { label: string; a: ReactNode; b: ReactNode; delta: Delta | null }[] = [
    { label: t("calls.cost"), a: <Money amount={costA === null ? null : a.totals.cost} />, b: <Money amount={costB === null ? null : b.totals.cost} />, delta: costA === null || costB === null ? null : deltaOf(costA, costB) },
    { label: t("calls.duration"), a: <Duration ms={a.duration_us / 1_000} />, b: <Duration ms={b.duration_us / 1_000} />, delta: deltaOf(a.duration_us, b.duration_us) },
    { label: t("call.input"), a: <Count value={a.totals.input_tokens} />, b: <Count value={b.totals.input_tokens} />, delta: deltaOf(a.totals.input_tokens, b.totals.input_tokens) },
    { label: t("call.output"), a: <Count value={a.totals.output_tokens} />, b: <Count value={b.totals.output_tokens} />, delta: deltaOf(a.totals.output_tokens, b.totals.output_tokens) },
    { label: t("traces.calls"), a: <Count value={a.totals.calls} />, b: <Count value={b.totals.calls} />, delta: deltaOf(a.totals.calls, b.totals.calls) },
    { label: t("diff.errors"), a: <Count value={a.totals.errors} />, b: <Count value={b.totals.errors} />, delta: deltaOf(a.totals.errors, b.totals.errors) },
  ];
  return (
    <div className="shrink-0 border-b bg-sunken px-4 py-2">
      <div className="mb-1.5 flex flex-wrap gap-x-6">
        <RunLink traceId={a.trace_id} label={t("diff.first")} />
        <RunLink traceId={b.trace_id} label={t("diff.second")} />
      </div>
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(7.5rem,1fr))] gap-x-6 gap-y-1.5 text-sm">
        {rows.map((row) => (
          <div key={row.label}>
            <dt className="text-xs text-muted-foreground">{row.label}</dt>
            <dd className="flex flex-wrap items-baseline gap-x-1.5">
              {row.a}
              <span aria-hidden className="text-faint">→</span>
              <span className="font-semibold">{row.b}</span>
              {row.delta !== null && <DeltaMark delta={row.delta} />}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** More of any of these is worse. */
function DeltaMark({ delta }: { delta: Delta }) {
  const tones = { more: "text-warn", less: "text-ok", same: "text-faint" };
  return <span className={cn("text-xs tabular-nums", tones[delta.direction])}>{formatDelta(delta)}</span>;
}
