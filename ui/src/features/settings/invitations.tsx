import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { Invitation, NewInvitation } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { OneTimeLinkShown } from "@/components/one-time-link";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { InviteForm } from "./invite-form";

/** Inviting somebody into the team, and the invitations nobody accepted yet; for its owners. */
export function Invitations({ teamId }: { teamId: string }) {
  const t = useT();
  const query = useQuery(queries.invitations(teamId));
  const [made, setMade] = useState<NewInvitation | null>(null);
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold">{t("invitations.title")}</h2>
      <InviteForm teamId={teamId} onMade={setMade} />
      {made !== null && <OneTimeLinkShown link={made.link} title={t("invitations.linkFor", { email: made.invitation.email })} onStored={() => setMade(null)} />}
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <SkeletonRows rows={2} height={40} />
      ) : query.data.items.length === 0 ? (
        <p className="text-sm text-muted-foreground">{t("invitations.none")}</p>
      ) : (
        <InvitationTable invitations={query.data.items} teamId={teamId} onRevoked={(id) => setMade((shown) => (shown?.invitation.id === id ? null : shown))} />
      )}
    </section>
  );
}

interface InvitationTableProps {
  invitations: readonly Invitation[];
  teamId: string;
  onRevoked: (id: string) => void;
}

function InvitationTable({ invitations, teamId, onRevoked }: InvitationTableProps) {
  const t = useT();
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE("/api/teams/{id}/invitations/{invitation_id}", { params: { path: { id: teamId, invitation_id: id } } })),
    onSuccess: (_, id) => onRevoked(id),
    onError: (error) => showToast("failed", errorSentence(error, t)),
    // Also after a refusal: it may have been accepted meanwhile.
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["invitations", teamId] }),
  });
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">{t("invitations.open")}</caption>
      <thead className="text-left text-xs text-muted-foreground">
        <tr className="h-8 border-b">
          <th className="font-normal">{t("auth.email")}</th>
          <th className="font-normal">{t("settings.role")}</th>
          <th className="font-normal max-md:hidden">{t("invitations.account")}</th>
          <th className="font-normal max-md:hidden">{t("invitations.expires")}</th>
          <th><span className="sr-only">{t("invitations.revoke")}</span></th>
        </tr>
      </thead>
      <tbody>
        {invitations.map((one) => (
          <tr key={one.id} className="h-10 border-b">
            <td className="wrap-any">{one.email}</td>
            <td className="text-muted-foreground">{t(`memberRole.${one.role}`)}</td>
            <td className="text-muted-foreground max-md:hidden">{t(`role.${one.account_role ?? "pending"}`)}</td>
            <td className="text-muted-foreground max-md:hidden"><DateTime at={one.expires_at} /></td>
            <td className="text-right">
              <Button variant="ghost" size="sm" aria-label={t("invitations.revokeOf", { email: one.email })} disabled={revoke.isPending} onClick={() => revoke.mutate(one.id)}>
                {t("invitations.revoke")}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
