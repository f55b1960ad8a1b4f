import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Member } from "@/api/types";
import { Field } from "@/components/field";
import { DateTime } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { Invitations } from "./invitations";
import { SettingsFrame } from "./settings-frame";

export function MembersPage() {
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  const query = useQuery(queries.members(team));
  const owner = canAdminister(me, team);
  return (
    <SettingsFrame title="settings.members">
      <div className="flex max-w-3xl flex-col gap-6">
        {query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : query.data === undefined ? <SkeletonRows rows={4} height={40} /> : <MemberTable members={query.data.items} teamId={team} owner={owner} />}
        {owner && <AddMember teamId={team} />}
        {owner && <Invitations key={team} teamId={team} />}
      </div>
    </SettingsFrame>
  );
}

function MemberTable({ members, teamId, owner }: { members: readonly Member[]; teamId: string; owner: boolean }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: (userId: string) => unwrap(client.DELETE("/api/teams/{id}/members/{user_id}", { params: { path: { id: teamId, user_id: userId } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["members", teamId] }),
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  return (
    <table className="w-full text-sm">
      <thead className="text-left text-xs text-muted-foreground">
        <tr className="h-8 border-b">
          <th className="font-normal">{t("common.name")}</th>
          <th className="font-normal">{t("auth.email")}</th>
          <th className="font-normal">{t("settings.role")}</th>
          <th className="font-normal max-md:hidden">{t("settings.joined")}</th>
          <th><span className="sr-only">{t("settings.removeMember")}</span></th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.user_id} className="h-10 border-b">
            <td className="font-medium">{member.name}{member.user_id === me.id && <span className="ml-2 text-xs text-faint">{t("common.you")}</span>}</td>
            <td className="text-muted-foreground">{member.email}</td>
            <td className="text-muted-foreground">{t(`memberRole.${member.role}`)}</td>
            <td className="text-muted-foreground max-md:hidden"><DateTime at={member.joined_at} /></td>
            <td className="text-right">
              {owner && member.user_id !== me.id && (
                <Button variant="ghost" size="sm" onClick={() => remove.mutate(member.user_id)}>
                  {t("settings.removeMember")}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AddMember({ teamId }: { teamId: string }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Member["role"]>("member");
  const add = useMutation({
    mutationFn: () => unwrap(client.POST("/api/teams/{id}/members", { params: { path: { id: teamId } }, body: { email: email.trim(), role } })),
    onSuccess: () => {
      setEmail("");
      return queryClient.invalidateQueries({ queryKey: ["members", teamId] });
    },
  });
  return (
    <form
      className="flex max-w-xl items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className="flex-1">
        <Field label={t("settings.addMember")} hint={t("settings.addMemberHint")} error={add.error === null ? undefined : errorSentence(add.error, t)}>
          {(props) => <Input {...props} type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
      </div>
      <NativeSelect aria-label={t("settings.role")} className="mt-6" value={role} onChange={(event) => setRole(event.target.value === "owner" ? "owner" : "member")}>
        <option value="member">{t("memberRole.member")}</option>
        <option value="owner">{t("memberRole.owner")}</option>
      </NativeSelect>
      <Button type="submit" variant="outline" className="mt-6" disabled={add.isPending}>
        {t("settings.add")}
      </Button>
    </form>
  );
}
