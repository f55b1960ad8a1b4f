import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { queries } from "@/api/queries";
import type { ReplayStep } from "@/api/types";
import { Money } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { noteSentence, reasonOf } from "./replay-state";

const tones: Record<string, string> = { answered: "text-ok", failed: "text-bad", not_sent: "text-muted-foreground", sending: "animate-breathe", waiting: "text-muted-foreground" };

/** What became of each call of a replay. */
export function ReplaySteps({ replayId }: { replayId: string }) {
  const query = useQuery(queries.replay(replayId));
  if (query.data === undefined) return query.error === null ? <SkeletonRows rows={3} height={28} /> : <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <ol className="max-h-64 overflow-y-auto border-t px-4 py-1 text-xs">
      {query.data.steps.map((step, index) => (
        <Step key={step.source_call_id} step={step} number={index + 1} />
      ))}
    </ol>
  );
}

function Step({ step, number }: { step: ReplayStep; number: number }) {
  const t = useT();
  const reason = reasonOf(step, t);
  return (
    <li className="grid grid-cols-[24px_minmax(0,1fr)] items-baseline gap-x-3 py-1 *:not-first:max-md:col-start-2 md:grid-cols-[24px_88px_minmax(0,1fr)_auto]">
      <span className="text-right text-faint tabular-nums">{number}</span>
      <span className={cn("font-medium", tones[step.status])}>{t(`replay.step.${step.status as "waiting"}`)}</span>
      <span className="min-w-0 wrap-any">
        {reason !== null && <span className={step.status === "failed" ? "text-bad" : "text-warn"}>{reason} </span>}
        {step.notes.map((note) => (
          <span key={note} className="text-muted-foreground">{noteSentence(note, t)} </span>
        ))}
      </span>
      <span className="flex flex-wrap items-baseline gap-x-3">
        {step.status === "answered" && <Money amount={step.cost} />}
        <Link to={urls.call(step.source_call_id)} className="font-mono text-muted-foreground hover:underline" title={t("replay.openSource")}>{shortId(step.source_call_id)}</Link>
        {step.call_id !== null && step.call_id !== undefined && (
          <>
            <span aria-hidden className="text-faint">→</span>
            <Link to={urls.call(step.call_id)} className="font-mono hover:underline" title={t("diff.openCall")}>{shortId(step.call_id)}</Link>
          </>
        )}
      </span>
    </li>
  );
}
