import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { getSession, refreshSession, useSession } from "@/api/session";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { ApiError } from "@/lib/problem";
import { urls } from "@/lib/urls";
import { AuthFrame } from "./auth-frame";
import { forgetLinkToken, useLinkToken } from "./link-token";
import { NewPasswordField } from "./new-password-field";

/** Where a password link leads: a new password for whoever forgot theirs. */
export function PasswordResetPage() {
  const t = useT();
  const token = useLinkToken();
  const [changed, setChanged] = useState(false);
  return (
    <AuthFrame title={t("passwordReset.title")}>
      {changed ? <Changed /> : token === null ? <p className="text-muted-foreground">{t("passwordReset.noToken")}</p> : <NewPassword key={token} token={token} onChanged={() => setChanged(true)} />}
    </AuthFrame>
  );
}

function Changed() {
  const t = useT();
  const { status } = useSession();
  return (
    <div role="status" className="flex flex-col items-start gap-5">
      <p>{t("passwordReset.done")}</p>
      <Button asChild size="lg">
        {status === "signedIn" ? <Link to={urls.home()}>{t("invitation.home")}</Link> : <Link to={urls.login()}>{t("auth.signIn")}</Link>}
      </Button>
    </div>
  );
}

function NewPassword({ token, onChanged }: { token: string; onChanged: () => void }) {
  const t = useT();
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => unwrap(client.POST("/api/auth/password-reset", { body: { token, password } })),
    onSuccess: async () => {
      forgetLinkToken(urls.passwordReset());
      // The account's sessions have ended: whether the one of this browser was among them, only the platform knows.
      if (getSession().status === "signedIn") await refreshSession();
      onChanged();
    },
  });
  if (save.error instanceof ApiError && save.error.code === "invalid_reset_link") return <p role="alert">{t("passwordReset.invalid")}</p>;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <NewPasswordField label={t("settings.newPassword")} autoFocus value={password} onChange={setPassword} />
      {save.error !== null && (
        <p role="alert" className="text-sm text-bad">
          {errorSentence(save.error, t)}
        </p>
      )}
      <Button type="submit" size="lg" disabled={save.isPending}>
        {t("settings.changePassword")}
      </Button>
    </form>
  );
}
