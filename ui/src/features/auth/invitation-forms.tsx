import { useState } from "react";
import { Link } from "react-router";
import { errorSentence } from "@/api/errors";
import type { Me } from "@/api/session";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useSignOut } from "@/features/shell/account";
import { useT } from "@/i18n/i18n";
import { ApiError } from "@/lib/problem";
import { urls } from "@/lib/urls";
import { NewPasswordField } from "./new-password-field";
import { SsoButtons } from "./sso-buttons";

export interface NewAccount {
  name: string;
  password: string;
}

const refusals = ["invalid_invitation", "other_account", "sign_in_first"] as const;
type Refusal = (typeof refusals)[number];

/** The refusals that no other input on this page mends; null for every other error. */
export function refusal(error: unknown): Refusal | null {
  return error instanceof ApiError ? (refusals.find((code) => code === error.code) ?? null) : null;
}

const signInUrl = `${urls.login()}?next=${encodeURIComponent(urls.invitation())}`;

export function Refused({ why, onTryAgain }: { why: Refusal; onTryAgain: () => void }) {
  const t = useT();
  const signOut = useSignOut();
  return (
    <div role="alert" className="flex flex-col items-start gap-5">
      <p>{t(`invitation.${why}`)}</p>
      {why === "invalid_invitation" && (
        <Button asChild variant="outline">
          <Link to={urls.home()}>{t("invitation.home")}</Link>
        </Button>
      )}
      {why === "sign_in_first" && (
        <Button asChild size="lg">
          <Link to={signInUrl}>{t("auth.signIn")}</Link>
        </Button>
      )}
      {why === "other_account" && (
        <Button
          variant="outline"
          onClick={() => {
            signOut();
            onTryAgain();
          }}
        >
          {t("nav.logout")}
        </Button>
      )}
    </div>
  );
}

interface FormProps {
  pending: boolean;
  error: Error | null;
}

export function JoinAsMe({ me, pending, error, onJoin }: FormProps & { me: Me; onJoin: () => void }) {
  const t = useT();
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted-foreground">{t("invitation.asMe")}</p>
      <p className="wrap-any">
        <span className="font-medium">{me.name}</span> <span className="text-muted-foreground">{me.email}</span>
      </p>
      <Failed error={error} />
      <Button size="lg" disabled={pending} onClick={onJoin}>
        {t("invitation.join")}
      </Button>
    </div>
  );
}

export function MakeAccount({ pending, error, onMake }: FormProps & { onMake: (account: NewAccount) => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <>
      <p className="mb-5 text-muted-foreground">{t("invitation.body")}</p>
      <SsoButtons returnTo={urls.invitation()} />
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onMake({ name: name.trim(), password });
        }}
      >
        <Field label={t("common.name")} hint={t("setup.nameHint")}>
          {(props) => <Input {...props} required autoFocus maxLength={100} autoComplete="name" className="h-10" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <NewPasswordField label={t("auth.password")} value={password} onChange={setPassword} />
        <Failed error={error} />
        <Button type="submit" size="lg" disabled={pending}>
          {t("invitation.makeAccount")}
        </Button>
      </form>
      <Link to={signInUrl} className="mt-4 block text-sm text-link hover:underline">
        {t("auth.haveAccount")}
      </Link>
    </>
  );
}

function Failed({ error }: { error: Error | null }) {
  const t = useT();
  if (error === null) return null;
  return (
    <p role="alert" className="text-sm text-bad">
      {errorSentence(error, t)}
    </p>
  );
}
