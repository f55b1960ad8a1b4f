import { useEffect, useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { refreshSession, useSession } from "@/api/session";
import { safeNext } from "@/lib/safe-next";
import { urls } from "@/lib/urls";

/** Where a single sign-on ends: the session's cookie is here already, and now becomes a session of this page. */
export function SignedInPage() {
  const [params] = useSearchParams();
  const { status } = useSession();
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    void refreshSession().finally(() => {
      setAsked(true);
    });
  }, []);
  if (!asked) return <div className="h-full bg-background" />;
  if (status === "signedIn") return <Navigate to={safeNext(params.get("next"))} replace />;
  return <Navigate to={`${urls.login()}?sso_error=failed`} replace />;
}
