import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Repricing } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import { DateTime } from "@/components/numbers";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { formatCount } from "@/lib/format";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { RepricingStatus } from "./repricings-page";
import { Report } from "./report";

/** One re-pricing: what it would change, the word to begin, and what it has changed. */
export function RepricingPanel() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const { repricingId = "" } = useParams();
  const query = useQuery({ ...queries.repricing(repricingId), enabled: me.role === "admin" });
  return (
    <SidePanel label={t("repricing.title")} title={t("repricing.title")} onClose={() => void navigate(urls.repricings())}>
      {me.role !== "admin" ? (
        <EmptyState title={t("error.forbidden")} />
      ) : query.error !== null && query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={6} />
      ) : (
        <OneRepricing key={query.data.id} row={query.data} />
      )}
    </SidePanel>
  );
}

function OneRepricing({ row }: { row: Repricing }) {
  const t = useT();
  return (
    <div className="flex flex-col gap-6 p-4 text-sm">
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted-foreground">{t("repricing.status")}</dt>
        <dd>
          <RepricingStatus row={row} />
          {row.cancel_requested && <span className="text-muted-foreground"> · {t("repricing.ending")}</span>}
        </dd>
        <dt className="text-muted-foreground">{t("repricing.models")}</dt>
        <dd className="font-mono text-xs wrap-any">{row.models.length === 0 ? t("common.all") : row.models.join(", ")}</dd>
        <dt className="text-muted-foreground">{t("repricing.price")}</dt>
        <dd>{row.price_id === null || row.price_id === undefined ? t("repricing.inForce") : <PriceName id={row.price_id} />}</dd>
        {row.provider !== null && row.provider !== undefined && (
          <>
            <dt className="text-muted-foreground">{t("repricing.provider")}</dt>
            <dd className="wrap-any">{row.provider}</dd>
          </>
        )}
        {row.deployment !== null && row.deployment !== undefined && (
          <>
            <dt className="text-muted-foreground">{t("repricing.deployment")}</dt>
            <dd className="wrap-any">{row.deployment}</dd>
          </>
        )}
        <dt className="text-muted-foreground">{t("repricing.calls")}</dt>
        <dd>
          {t(row.all_teams ? "repricing.everyTeam" : "repricing.thisTeam")}, <DateTime at={row.from} /> – <DateTime at={row.to} />
        </dd>
      </dl>
      {row.error !== null && row.error !== undefined && <p role="alert" className="rounded-md bg-bad-soft p-2.5 wrap-any">{row.error}</p>}
      <Actions row={row} />
      {row.result !== null && row.result !== undefined && <Report title={t("repricing.resultOf")} report={row.result} isEstimate={false} />}
      {row.estimate !== null && row.estimate !== undefined && row.status !== "done" && <Report title={t("repricing.estimateOf")} report={row.estimate} isEstimate />}
      <p className="text-xs text-muted-foreground">{t("repricing.budgets")}</p>
    </div>
  );
}

/** The price by its names, as far as it still stands in the list. */
function PriceName({ id }: { id: string }) {
  const t = useT();
  const query = useQuery(queries.setPrices());
  const price = query.data?.items.find((one) => one.id === id);
  if (price === undefined) return <code className="text-xs wrap-any">{id}</code>;
  return (
    <span className="wrap-any">
      {price.provider} / {price.model} {t("prices.version", { n: price.version })}
    </span>
  );
}

function Actions({ row }: { row: Repricing }) {
  const t = useT();
  const queryClient = useQueryClient();
  const options = {
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["repricings"] }),
  };
  const path = { params: { path: { id: row.id } } };
  const start = useMutation({ mutationFn: () => unwrap(client.POST("/api/repricings/{id}/start", path)), ...options });
  const cancel = useMutation({ mutationFn: () => unwrap(client.POST("/api/repricings/{id}/cancel", path)), ...options });
  const changes = row.estimate?.sums.changed ?? 0;
  const n = formatCount(changes);
  const canGoOn = (row.status === "cancelled" || row.status === "failed") && row.estimate !== null && row.estimate !== undefined;
  return (
    <div className="flex flex-wrap items-center gap-3">
      {row.status === "running" && (
        <span role="status" className="w-full text-muted-foreground">
          {t("repricing.progress", { done: formatCount(row.result?.sums.calls ?? 0), all: formatCount(row.estimate?.sums.calls ?? 0) })}
        </span>
      )}
      {row.status === "estimated" && (changes === 0 ? <p>{t("repricing.nothing")}</p> : <ConfirmButton label={t("repricing.start", { n })} question={t("repricing.startQuestion", { n })} onConfirm={() => start.mutate()} />)}
      {canGoOn && (
        <Button disabled={start.isPending} onClick={() => start.mutate()}>
          {t("repricing.goOn")}
        </Button>
      )}
      {["estimating", "estimated", "running"].includes(row.status) && !row.cancel_requested && (
        <Button variant="ghost" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          {t("repricing.cancel")}
        </Button>
      )}
    </div>
  );
}
