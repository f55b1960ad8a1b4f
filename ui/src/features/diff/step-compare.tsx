import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { queries } from "@/api/queries";
import type { CallDetail, DiffStep } from "@/api/types";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { EntryView, entryKey } from "@/features/calls/conversation";
import { useT } from "@/i18n/i18n";
import { pairTools, readStored, type Entry } from "@/lib/conversation";
import { useHotkeys } from "@/lib/hotkeys";
import { urls } from "@/lib/urls";

/** The first message that is shown; null: none differs; `new`: what the call before did not have, where there is nothing to compare with. */
type From = number | "new" | null;

interface StepCompareProps {
  step: DiffStep;
  onClose: () => void;
}

/** One step of both runs: what was sent from the first difference on, and what was answered, side by side. */
export function StepCompare({ step, onClose }: StepCompareProps) {
  const t = useT();
  useHotkeys({ Escape: onClose });
  const both = step.a !== null && step.a !== undefined && step.b !== null && step.b !== undefined;
  const from = both ? (step.message_index ?? null) : "new";
  return (
    <section aria-label={t("trace.step")} className="relative flex h-[55%] min-h-60 shrink-0 flex-col border-t-2 border-(--accent)">
      <Button variant="ghost" size="icon" aria-label={t("common.close")} title={`${t("common.close")} (Esc)`} onClick={onClose} className="absolute top-1.5 right-2 z-20 bg-background">
        <X />
      </Button>
      <div className="grid min-h-0 flex-1 overflow-y-auto md:grid-cols-2 md:divide-x" tabIndex={0} role="region" aria-label={t("trace.step")}>
        <Column label={t("diff.first")} callId={step.a?.call_id} from={from} />
        <Column label={t("diff.second")} callId={step.b?.call_id} from={from} />
      </div>
    </section>
  );
}

function Column({ label, callId, from }: { label: string; callId: string | null | undefined; from: From }) {
  const t = useT();
  const query = useQuery({ ...queries.call(callId ?? ""), enabled: callId !== null && callId !== undefined });
  return (
    <div className="min-w-0 pb-6">
      <header className="sticky top-0 z-10 flex h-10 items-center gap-3 border-b bg-background pr-10 pl-4 text-xs">
        <span className="font-semibold">{label}</span>
        {query.data !== undefined && <code className="truncate">{query.data.response_model ?? query.data.requested_model}</code>}
        {callId !== null && callId !== undefined && <Link to={urls.call(callId)} className="ml-auto shrink-0 text-link hover:underline">{t("diff.openCall")}</Link>}
      </header>
      {callId === null || callId === undefined ? (
        <p className="px-4 py-4 text-sm text-muted-foreground">{t("diff.absent")}</p>
      ) : query.data !== undefined ? (
        <Said call={query.data} from={from} />
      ) : query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </div>
  );
}

function Said({ call, from }: { call: CallDetail; from: From }) {
  const t = useT();
  const content = call.content;
  if (content === null || content === undefined) return <p className="px-4 py-4 text-sm text-muted-foreground">{t("diff.notKept")}</p>;
  const start = from === "new" ? content.new_from : from;
  const sent = start === null ? [] : pairTools(content.input.slice(start).map(readStored));
  const answer = pairTools(content.output.map(readStored));
  return (
    <>
      <Heading>{t(from === null ? "diff.sentSame" : from === "new" ? "diff.sentAlone" : "diff.sent")}</Heading>
      {typeof from === "number" && from > 0 && <p className="px-4 text-xs text-faint">{t(from === 1 ? "diff.shorterOne" : "diff.shorter", { n: from })}</p>}
      {from !== null && sent.length === 0 && <p className="px-4 py-2 text-sm text-muted-foreground">{t("diff.nothingMore")}</p>}
      <Entries entries={sent} answer={false} />
      <Heading>{t("diff.answered")}</Heading>
      {answer.length === 0 ? <p className="px-4 py-2 text-sm wrap-any text-muted-foreground">{call.error_message ?? t("call.noAnswer")}</p> : <Entries entries={answer} answer />}
    </>
  );
}

function Heading({ children }: { children: ReactNode }) {
  return <h2 className="px-4 pt-3 pb-1 text-xs font-semibold text-muted-foreground">{children}</h2>;
}

function Entries({ entries, answer }: { entries: readonly Entry[]; answer: boolean }) {
  return entries.map((entry) => <EntryView key={entryKey(entry)} entry={entry} answer={answer} />);
}
