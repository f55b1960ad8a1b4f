import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Role, User } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { OneTimeLinkShown } from "@/components/one-time-link";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { SettingsFrame } from "./settings-frame";

const roles: readonly Role[] = ["admin", "developer", "viewer", "pending"];

/** Everyone on the platform; for administrators. */
export function UsersPage() {
  const query = useQuery(queries.users());
  return (
    <SettingsFrame title="settings.users">
      {query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : query.data === undefined ? <SkeletonRows rows={4} height={40} /> : <UserTable users={query.data.items} />}
    </SettingsFrame>
  );
}

export function UserTable({ users }: { users: readonly User[] }) {
  const t = useT();
  const me = useMe();
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: string; role?: Role; is_active?: boolean }) => unwrap(client.PATCH("/api/users/{id}", { params: { path: { id } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["users"] }),
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  const link = useMutation({
    mutationFn: async (user: User) => ({ user, link: await unwrap(client.POST("/api/users/{id}/password-reset", { params: { path: { id: user.id } } })) }),
    // Shown once: nothing keeps the link when it has left the screen.
    gcTime: 0,
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  return (
    <>
      {link.data !== undefined && <OneTimeLinkShown link={link.data.link} title={t("settings.passwordLinkTitle", { name: link.data.user.name, email: link.data.user.email })} onStored={() => link.reset()} />}
      <table className="w-full max-w-4xl text-sm">
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="font-normal">{t("common.name")}</th>
            <th className="font-normal">{t("auth.email")}</th>
            <th className="font-normal">{t("settings.role")}</th>
            <th className="font-normal max-md:hidden">{t("settings.lastSeen")}</th>
            <th><span className="sr-only">{t("common.status")}</span></th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id} className="h-10 border-b">
              <td className={user.is_active ? "font-medium" : "text-faint line-through"}>{user.name}</td>
              <td className="text-muted-foreground">{user.email}</td>
              <td>
                {user.id === me.id ? (
                  t(`role.${user.role}`)
                ) : (
                  <NativeSelect aria-label={t("settings.roleOf", { name: user.name })} className="[&_select]:h-7 [&_select]:text-xs" value={user.role} onChange={(event) => change.mutate({ id: user.id, role: event.target.value as Role })}>
                    {roles.map((role) => (
                      <option key={role} value={role}>{t(`role.${role}`)}</option>
                    ))}
                  </NativeSelect>
                )}
              </td>
              <td className="text-muted-foreground max-md:hidden">{user.last_login_at === null || user.last_login_at === undefined ? t("common.never") : <DateTime at={user.last_login_at} />}</td>
              <td className="text-right">
                {user.id !== me.id && user.is_active && (
                  <Button variant="ghost" size="sm" aria-label={t("settings.passwordLinkFor", { name: user.name })} disabled={link.isPending} onClick={() => link.mutate(user)}>
                    {t("settings.passwordLink")}
                  </Button>
                )}
                {user.id !== me.id && (
                  <Button variant="ghost" size="sm" onClick={() => change.mutate({ id: user.id, is_active: !user.is_active })}>
                    {t(user.is_active ? "settings.lock" : "settings.unlock")}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
