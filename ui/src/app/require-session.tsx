import { Navigate, Outlet, useLocation } from "react-router";
import { useSession } from "@/api/session";
import { PendingNotice } from "@/features/auth/pending-notice";
import { urls } from "@/lib/urls";

/** Lets the signed-in through; sends others to sign in and brings them back afterwards. */
export function RequireSession() {
  const { status, me } = useSession();
  const location = useLocation();
  if (status === "loading") return null;
  if (status === "anonymous" || me === null) {
    const back = `${location.pathname}${location.search}`;
    return <Navigate to={back === "/" ? urls.login() : `${urls.login()}?next=${encodeURIComponent(back)}`} replace />;
  }
  if (me.role === "pending") return <PendingNotice />;
  return <Outlet />;
}
