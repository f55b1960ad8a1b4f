import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { useMe } from "@/api/session";
import type { Member, NewInvitation } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";

/** What a new account may do at once; `pending` waits for an administrator's approval. */
const accountRoles = ["pending", "developer", "viewer"] as const;
type AccountRole = (typeof accountRoles)[number];

export function InviteForm({ teamId, onMade }: { teamId: string; onMade: (made: NewInvitation) => void }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Member["role"]>("member");
  const [account, setAccount] = useState<AccountRole>("pending");
  const invite = useMutation({
    mutationFn: () => unwrap(client.POST("/api/teams/{id}/invitations", { params: { path: { id: teamId } }, body: { email: email.trim(), role, ...(account === "pending" ? {} : { account_role: account }) } })),
    // Shown once: nothing keeps the link when it has left the screen.
    gcTime: 0,
    onSuccess: (made) => {
      setEmail("");
      onMade(made);
      return queryClient.invalidateQueries({ queryKey: ["invitations", teamId] });
    },
  });
  return (
    <form
      className="flex max-w-2xl flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate();
      }}
    >
      <div className="min-w-56 flex-1">
        <Field label={t("invitations.invite")} hint={t("invitations.hint")} error={invite.error === null ? undefined : errorSentence(invite.error, t)}>
          {(props) => <Input {...props} type="email" required maxLength={254} value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
      </div>
      <NativeSelect aria-label={t("settings.role")} className="mt-6" value={role} onChange={(event) => setRole(event.target.value === "owner" ? "owner" : "member")}>
        <option value="member">{t("memberRole.member")}</option>
        <option value="owner">{t("memberRole.owner")}</option>
      </NativeSelect>
      {me.role === "admin" && (
        <NativeSelect aria-label={t("invitations.account")} className="mt-6" value={account} onChange={(event) => setAccount(accountRoles.find((one) => one === event.target.value) ?? "pending")}>
          {accountRoles.map((one) => (
            <option key={one} value={one}>{t(`role.${one}`)}</option>
          ))}
        </NativeSelect>
      )}
      <Button type="submit" variant="outline" className="mt-6" disabled={invite.isPending}>
        {t("invitations.make")}
      </Button>
    </form>
  );
}
