import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { client, unwrap } from "@/api/client";
import { getSession, setMe, signIn, useSession, type Me } from "@/api/session";
import type { SignedIn } from "@/api/types";
import { useT } from "@/i18n/i18n";
import { setPrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { AuthFrame } from "./auth-frame";
import { JoinAsMe, MakeAccount, refusal, Refused, type NewAccount } from "./invitation-forms";
import { forgetLinkToken, useLinkToken } from "./link-token";

/** Where an invitation's link leads: into the team, with the account one has or a new one. */
export function InvitationPage() {
  const t = useT();
  const token = useLinkToken();
  return <AuthFrame title={t("invitation.title")}>{token === null ? <p className="text-muted-foreground">{t("invitation.noToken")}</p> : <Accept key={token} token={token} />}</AuthFrame>;
}

function Accept({ token }: { token: string }) {
  const t = useT();
  const { status, me } = useSession();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const accept = useMutation({
    mutationFn: (account: NewAccount | null) => unwrap(client.POST("/api/auth/invitations/accept", { body: { token, ...account } })),
    onSuccess: (answer) => {
      const team = enter(answer);
      queryClient.clear();
      forgetLinkToken(urls.invitation());
      if (team !== null) showToast("done", t("invitation.joined", { team }));
      void navigate(urls.home(), { replace: true });
    },
  });
  if (accept.isSuccess) return <p role="status">{t("invitation.done")}</p>;
  const refused = refusal(accept.error);
  if (refused !== null) return <Refused why={refused} onTryAgain={() => accept.reset()} />;
  if (status === "loading") return null;
  const form = { pending: accept.isPending, error: accept.error };
  if (me !== null) return <JoinAsMe me={me} {...form} onJoin={() => accept.mutate(null)} />;
  return <MakeAccount {...form} onMake={(account) => accept.mutate(account)} />;
}

/** Signs in where an account was made, and opens the team just joined. Answers its name; null when there was nothing new. */
function enter(answer: Me | SignedIn): string | null {
  const before = getSession().me?.teams ?? [];
  const me = "user" in answer ? answer.user : answer;
  if ("user" in answer) signIn(answer);
  else setMe(me);
  const joined = me.teams.find((team) => !before.some((known) => known.id === team.id));
  if (joined === undefined) return null;
  setPrefs({ teamId: joined.id });
  return joined.name;
}
