import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { Hook, HookDelivery } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";

interface DeliveriesProps {
  hook: Hook;
  teamId: string;
  mayWrite: boolean;
  onClose: () => void;
}

/** The messages of a webhook: what became of each. */
export function Deliveries({ hook, teamId, mayWrite, onClose }: DeliveriesProps) {
  const t = useT();
  const queryClient = useQueryClient();
  const query = useQuery(queries.hookDeliveries(teamId, hook.id));
  const test = useMutation({
    mutationFn: () => unwrap(client.POST("/api/hooks/{id}/test", { params: { path: { id: hook.id }, query: { team_id: teamId } } })),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["hook-deliveries", teamId, hook.id] }),
  });
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="mr-auto text-sm font-semibold">{t("hooks.deliveriesOf", { name: hook.name })}</h2>
        {mayWrite && (
          <Button variant="outline" size="sm" disabled={test.isPending} onClick={() => test.mutate()}>
            {t("hooks.test")}
          </Button>
        )}
        <Button variant="ghost" size="sm" onClick={onClose}>
          {t("common.close")}
        </Button>
      </div>
      {hook.dropped > 0 && <p className="text-sm text-bad">{t("hooks.dropped", { n: hook.dropped })}</p>}
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={3} height={40} />
      ) : query.data.items.length === 0 ? (
        <p className="text-sm text-muted-foreground">{t("hooks.noDeliveries")}</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full text-sm">
            <caption className="sr-only">{t("hooks.deliveriesOf", { name: hook.name })}</caption>
            <thead className="text-left text-xs text-muted-foreground">
              <tr className="h-8 border-b">
                <th className="pr-4 font-normal">{t("hooks.when")}</th>
                <th className="pr-4 font-normal">{t("hooks.subject")}</th>
                <th className="pr-4 font-normal">{t("hooks.state")}</th>
                <th className="pr-4 font-normal">{t("hooks.tries")}</th>
                <th><span className="sr-only">{t("hooks.again")}</span></th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((one) => <DeliveryRow key={one.id} delivery={one} hook={hook} teamId={teamId} mayWrite={mayWrite} />)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function DeliveryRow({ delivery, hook, teamId, mayWrite }: { delivery: HookDelivery; hook: Hook; teamId: string; mayWrite: boolean }) {
  const t = useT();
  const queryClient = useQueryClient();
  const again = useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/hooks/{id}/deliveries/{delivery_id}/redeliver", { params: { path: { id: hook.id, delivery_id: delivery.id }, query: { team_id: teamId } } })),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["hook-deliveries", teamId, hook.id] }),
  });
  return (
    <tr className="h-11 border-b">
      <td className="pr-4 whitespace-nowrap"><DateTime at={delivery.created_at} /></td>
      <td className="pr-4">
        {delivery.call_id == null ? t("hooks.aTest") : <Link className="font-mono text-xs underline underline-offset-2" to={urls.call(delivery.call_id)}>{shortId(delivery.call_id)}</Link>}
      </td>
      <td className="py-1.5 pr-4">
        <span className={delivery.state === "failed" ? "text-bad" : undefined}>{t(`hooks.state.${delivery.state}`)}</span>
        {delivery.http_status != null && <span className="ml-2 font-mono text-xs text-muted-foreground">{delivery.http_status}</span>}
        {delivery.error !== "" && <span className="block max-w-80 text-xs text-muted-foreground wrap-any">{delivery.error}</span>}
        {delivery.next_at != null && delivery.attempts > 0 && <span className="block text-xs text-muted-foreground">{t("hooks.next")} <DateTime at={delivery.next_at} /></span>}
      </td>
      <td className="pr-4 tabular-nums">{delivery.attempts}</td>
      <td className="text-right">
        {mayWrite && delivery.state !== "waiting" && (
          <Button variant="ghost" size="sm" disabled={again.isPending} onClick={() => again.mutate()}>
            {t("hooks.again")}
          </Button>
        )}
      </td>
    </tr>
  );
}
