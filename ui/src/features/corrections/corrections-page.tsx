import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { AgentCorrection } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { DateTime } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { fillNodes, useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";

/** What the team corrected about its agents; each can be undone. */
export function CorrectionsPage() {
  const t = useT();
  const me = useMe();
  const query = useInfiniteQuery(queries.corrections());
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SettingsFrame title="correct.settings">
      <div className="flex max-w-4xl flex-col gap-4">
        <p className="text-sm text-muted-foreground">{t("correct.about")}</p>
        {query.error !== null && query.data === undefined ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={3} height={44} />
        ) : rows.length === 0 ? (
          <EmptyState
            title={t("correct.none")}
            action={
              <Button asChild variant="outline">
                <Link to={urls.traces()}>{t("correct.toTraces")}</Link>
              </Button>
            }
          >
            {t("correct.noneBody")}
          </EmptyState>
        ) : (
          <CorrectionTable rows={rows} may={canWrite(me)} />
        )}
        {query.hasNextPage && (
          <Button variant="outline" size="sm" className="self-start" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("common.loadMore")}
          </Button>
        )}
      </div>
    </SettingsFrame>
  );
}

function CorrectionTable({ rows, may }: { rows: readonly AgentCorrection[]; may: boolean }) {
  const t = useT();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("correct.settings")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("correct.settings")}</th>
            <th className="pr-4 font-normal">{t("correct.by")}</th>
            <th className="pr-4 font-normal">{t("calls.time")}</th>
            <th><span className="sr-only">{t("correct.undo")}</span></th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => <CorrectionRow key={row.id} row={row} may={may} />)}
        </tbody>
      </table>
    </div>
  );
}

function CorrectionRow({ row, may }: { row: AgentCorrection; may: boolean }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [sure, setSure] = useState(false);
  const undo = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/agent-corrections/{id}", { params: { path: { id: row.id } } })),
    onSuccess: () => showToast("done", t("correct.undone")),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    // Names and sums of past calls change on every page.
    onSettled: () => queryClient.invalidateQueries(),
  });
  const from = row.from_name;
  const names = { from: <AgentChip name={from} seed={from === "" ? row.agent : from} fallback={t("tree.unnamed")} />, name: <AgentChip name={row.name} /> };
  return (
    <tr className="h-11 border-b">
      <td className="py-1.5 pr-4">
        <span className="flex flex-wrap items-center gap-x-1.5">{fillNodes(t(`correct.row.${row.kind}`), names)}</span>
        {row.when?.prompt != null && <span className="block text-xs text-muted-foreground">{t("correct.byPrompt")} <code>{row.when.prompt}</code></span>}
        {row.when?.conversation != null && <span className="block text-xs text-muted-foreground">{t("correct.byConversation")} <code>{row.when.conversation}</code></span>}
      </td>
      <td className="pr-4 text-muted-foreground">{row.created_by_name ?? t("common.unknown")}</td>
      <td className="pr-4 text-muted-foreground"><DateTime at={row.created_at} /></td>
      <td className="text-right whitespace-nowrap">
        {may && (
          <Button variant="ghost" size="sm" disabled={undo.isPending} onBlur={() => setSure(false)} aria-label={t(sure ? "correct.undoSureOf" : "correct.undoOf", { name: row.name })} onClick={() => (sure ? undo.mutate() : setSure(true))}>
            {t(sure ? "correct.undoSure" : "correct.undo")}
          </Button>
        )}
      </td>
    </tr>
  );
}
