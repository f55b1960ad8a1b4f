import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";

/** Tokens of one-time links, by page. In memory only: they outlive a sign-in on the way, never a reload. */
const held = new Map<string, string>();

/** The token in `#token=…`; null when there is none. */
export function tokenIn(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token === "" ? null : token;
}

/** The token this page was opened with. It leaves the address bar and the history at once. */
export function useLinkToken(): string | null {
  const { pathname, search, hash } = useLocation();
  const navigate = useNavigate();
  const arrived = tokenIn(hash);
  useEffect(() => {
    if (arrived === null) return;
    held.set(pathname, arrived);
    void navigate({ pathname, search }, { replace: true });
  }, [arrived, navigate, pathname, search]);
  return arrived ?? held.get(pathname) ?? null;
}

/** After a link was used, nothing keeps its token. */
export function forgetLinkToken(pathname: string): void {
  held.delete(pathname);
}
