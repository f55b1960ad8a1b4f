import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { signIn, useSession } from "@/api/session";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";
import { ApiError } from "@/lib/problem";
import { safeNext } from "@/lib/safe-next";
import { urls } from "@/lib/urls";
import { AuthFrame } from "./auth-frame";
import { SsoButtons } from "./sso-buttons";
import { ssoErrorKey } from "./sso-error";

export function LoginPage() {
  const t = useT();
  const { status } = useSession();
  const [params] = useSearchParams();
  const setup = useQuery(queries.setup());
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({ mutationFn: () => unwrap(client.POST("/api/auth/login", { body: { email: email.trim(), password } })), onSuccess: signIn });
  if (status === "signedIn") return <Navigate to={safeNext(params.get("next"))} replace />;
  if (setup.data?.needs_admin === true) return <Navigate to={urls.setup()} replace />;
  const wrong = login.error instanceof ApiError && login.error.status === 401;
  // What went wrong elsewhere is said until something goes wrong here.
  const ssoError = login.error === null ? ssoErrorKey(params.get("sso_error")) : null;
  return (
    <AuthFrame title={t("auth.signInTitle")}>
      {ssoError !== null && (
        <p role="alert" className="mb-4 text-sm text-bad">
          {t(ssoError)}
        </p>
      )}
      <SsoButtons returnTo={safeNext(params.get("next"))} />
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <Field label={t("auth.email")}>{(props) => <Input {...props} type="email" required autoFocus autoComplete="username" className="h-10" value={email} onChange={(event) => setEmail(event.target.value)} />}</Field>
        <Field label={t("auth.password")}>{(props) => <Input {...props} type="password" required autoComplete="current-password" className="h-10" value={password} onChange={(event) => setPassword(event.target.value)} />}</Field>
        {login.error !== null && (
          <p role="alert" className="text-sm text-bad">
            {wrong ? t("auth.wrong") : errorSentence(login.error, t)}
          </p>
        )}
        <Button type="submit" size="lg" disabled={login.isPending}>
          {t("auth.signIn")}
        </Button>
        <Link to="/register" className="text-sm text-link hover:underline">
          {t("auth.registerLink")}
        </Link>
      </form>
    </AuthFrame>
  );
}
