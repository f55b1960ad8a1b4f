import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import { useSession } from "@/api/session";
import { ErrorState, SkeletonRows } from "@/components/states";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { AuthFrame } from "./auth-frame";
import { RegisterForm } from "./register-form";

/** The first run: whoever holds the printed link becomes the administrator. */
export function SetupPage() {
  const t = useT();
  const navigate = useNavigate();
  const { status } = useSession();
  const [params] = useSearchParams();
  const setup = useQuery(queries.setup());
  const [registered, setRegistered] = useState(false);
  const token = params.get("token");
  if (status === "signedIn" && !registered) return <Navigate to={urls.home()} replace />;
  return (
    <AuthFrame title={t("setup.title")}>
      {setup.error !== null ? (
        <ErrorState error={setup.error} onRetry={() => void setup.refetch()} />
      ) : setup.data === undefined ? (
        <SkeletonRows rows={3} height={48} />
      ) : !setup.data.needs_admin ? (
        <p>
          {t("setup.done")}{" "}
          <Link to={urls.login()} className="text-link underline underline-offset-2">
            {t("auth.signIn")}
          </Link>
        </p>
      ) : token === null ? (
        <p className="text-muted-foreground">{t("setup.noToken")}</p>
      ) : (
        <>
          <p className="mb-5 text-muted-foreground">{t("setup.body")}</p>
          <RegisterForm
            setupToken={token}
            button={t("setup.create")}
            onDone={() => {
              setRegistered(true);
              void navigate("/start", { replace: true });
            }}
          />
        </>
      )}
    </AuthFrame>
  );
}
