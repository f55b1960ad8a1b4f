import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, Columns2, ExternalLink, Repeat2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Replay } from "@/api/types";
import { DateTime, Money } from "@/components/numbers";
import { Button } from "@/components/ui/button";
import { fillNodes, useT, type Translate } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { shortId } from "@/lib/format";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { isOpen, reasonOf, statusTone } from "./replay-state";
import { ReplaySteps } from "./replay-steps";

const SHOWN = 3;

/** Over a run: of which run it is a replay, and the replays that were made of it. */
export function ReplayBars({ replays, traceIds }: { replays: readonly Replay[]; traceIds: readonly string[] }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const shown = all ? replays : replays.slice(0, SHOWN);
  if (replays.length === 0) return null;
  return (
    <div className="max-h-[40%] shrink-0 overflow-y-auto">
      {shown.map((replay) => (
        <ReplayBar key={replay.id} replay={replay} isResult={traceIds.includes(replay.trace_id)} />
      ))}
      {shown.length < replays.length && (
        <button type="button" onClick={() => setAll(true)} className="flex h-7 shrink-0 items-center border-b px-4 text-left text-xs text-muted-foreground hover:bg-hover">
          {t("replay.more", { n: replays.length - shown.length })}
        </button>
      )}
    </div>
  );
}

function ReplayBar({ replay, isResult }: { replay: Replay; isResult: boolean }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const model = <code className="text-xs">{replay.model}</code>;
  const source = (
    <Link to={urls.trace(replay.source_trace_id)} className="font-medium text-link underline underline-offset-2">
      {t("replay.sourceRun")} <span className="font-mono text-xs">{shortId(replay.source_trace_id)}</span>
    </Link>
  );
  const reason = reasonOf(replay, t);
  return (
    <section aria-label={t("replay.button")} className="shrink-0 border-b bg-sunken text-sm">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1">
        <Repeat2 aria-hidden className="size-4 text-muted-foreground" />
        <span>{isResult ? fillNodes(t("replay.of"), { run: source, model }) : fillNodes(t("replay.as"), { model })}</span>
        <Told tone={statusTone(replay.status)}>{t(`replay.status.${replay.status as "pending"}`)}</Told>
        <span className="text-xs text-muted-foreground tabular-nums">{t("replay.progress", { answered: replay.answered, calls: replay.calls })}</span>
        {replay.answered > 0 && <span className="text-xs"><Money amount={replay.unknown_cost_calls === replay.answered ? null : replay.cost} /></span>}
        {replay.edits.length > 0 && <span className="text-xs text-muted-foreground">{t("replay.edited", { what: edited(replay, t) })}</span>}
        {!isResult && <span className="text-xs text-muted-foreground"><DateTime at={replay.created_at} /></span>}
        <Actions replay={replay} isResult={isResult} open={open} onOpen={setOpen} />
        {reason !== null && <p className="w-full pb-1 text-xs wrap-any text-warn">{reason}</p>}
      </div>
      {open && <ReplaySteps replayId={replay.id} />}
    </section>
  );
}

function Actions({ replay, isResult, open, onOpen }: { replay: Replay; isResult: boolean; open: boolean; onOpen: (open: boolean) => void }) {
  const t = useT();
  return (
    <span className="ml-auto flex flex-wrap items-center gap-1">
      <Button variant="ghost" size="sm" aria-expanded={open} onClick={() => onOpen(!open)}>
        <ChevronRight className={cn(open && "rotate-90")} />
        {t("replay.details")}
      </Button>
      {!isResult && (
        <Button asChild variant="ghost" size="sm">
          <Link to={urls.trace(replay.trace_id)}>
            <ExternalLink />
            {t("replay.openResult")}
          </Link>
        </Button>
      )}
      {replay.answered > 0 && (
        <Button asChild variant="ghost" size="sm">
          <Link to={urls.diff(replay.source_trace_id, replay.trace_id)}>
            <Columns2 />
            {t("replay.compare")}
          </Link>
        </Button>
      )}
      {isOpen(replay) && <CancelReplay id={replay.id} />}
    </span>
  );
}

function CancelReplay({ id }: { id: string }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => unwrap(client.POST("/api/replays/{id}/cancel", { params: { path: { id } } })),
    onSuccess: () => showToast("done", t("replay.cancelled")),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["replays"] }),
  });
  if (!canWrite(me)) return null;
  return <Button variant="outline" size="sm" disabled={cancel.isPending} onClick={() => cancel.mutate()}>{t("replay.cancel")}</Button>;
}

function Told({ tone, children }: { tone: "good" | "bad" | "warn" | "busy" | "quiet"; children: ReactNode }) {
  const tones = { good: "text-ok", bad: "text-bad", warn: "text-warn", busy: "animate-breathe text-foreground", quiet: "text-muted-foreground" };
  return <span className={cn("text-xs font-medium", tones[tone])}>{children}</span>;
}

function edited(replay: Replay, t: Translate): string {
  return replay.edits.map((one) => t(`replay.edited.${one as "system"}`)).join(", ");
}

/** Replays of a run and the one that made it. */
export function useReplays(traceId: string): { replays: readonly Replay[]; made: Replay | undefined } {
  const query = useQuery({ ...queries.replays(traceId), enabled: traceId !== "" });
  const replays = query.data?.items ?? [];
  return { replays, made: replays.find((one) => one.trace_id === traceId) };
}
