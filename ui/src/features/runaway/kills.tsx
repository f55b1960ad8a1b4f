import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Kill } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { canAdminister, canWrite } from "@/lib/can";
import { showToast } from "@/lib/toasts";

/** What is killed and not lifted yet: its new calls are refused. */
export function Kills({ teamId }: { teamId: string }) {
  const t = useT();
  const query = useQuery(queries.kills(teamId));
  return (
    <section className="flex flex-col gap-3" aria-labelledby="kills">
      <h2 id="kills" className="text-sm font-semibold">{t("kills.title")}</h2>
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={2} height={44} />
      ) : query.data.items.length === 0 ? (
        <p className="text-sm text-muted-foreground">{t("kills.none")}</p>
      ) : (
        <ul className="flex flex-col">
          {query.data.items.map((kill) => <KillRow key={kill.id} kill={kill} teamId={teamId} />)}
        </ul>
      )}
    </section>
  );
}

function KillRow({ kill, teamId }: { kill: Kill; teamId: string }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const lift = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/kills/{id}", { params: { path: { id: kill.id }, query: { team_id: teamId } } })),
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["kills", teamId] }),
  });
  // Agents and keys are their owner's to end and to lift.
  const may = kill.kind === "agent" || kill.kind === "key" ? canAdminister(me, teamId) : canWrite(me);
  return (
    <li className="flex min-h-12 items-center gap-4 border-b py-1.5 text-sm">
      <span className="min-w-0 flex-1">
        <span className="font-medium">{t(`kills.kind.${kill.kind}`)}</span> <span className="wrap-any">{kill.target}</span>
        <span className="block text-xs text-muted-foreground">
          <DateTime at={kill.created_at} />
          {kill.reason != null && <span className="wrap-any"> {kill.reason}</span>}
        </span>
      </span>
      {may && (
        <Button variant="ghost" size="sm" disabled={lift.isPending} aria-label={t("kills.liftOf", { target: kill.target })} onClick={() => lift.mutate()}>
          {t("kills.lift")}
        </Button>
      )}
    </li>
  );
}
