import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** Tokens of one-time links, by page. In memory only, but for the way through a sign-on elsewhere. */
const held = new Map<string, string>();

/** Where a token waits while the tab is at a sign-on provider: of this tab alone, and gone once it was read. */
const AWAY_KEY = "aop.link-token";
/** As long as the platform waits for somebody to come back from a provider. */
const AWAY_MS = 600_000;

interface Away {
  pathname: string;
  token: string;
  until_ms: number;
}

/** Before the tab leaves for a sign-on provider on the way to `pathname`: without this the token would be lost. */
export function keepLinkTokenAway(pathname: string, nowMs: number): void {
  const token = held.get(pathname);
  if (token === undefined) return;
  try {
    sessionStorage.setItem(AWAY_KEY, JSON.stringify({ pathname, token, until_ms: nowMs + AWAY_MS } satisfies Away));
  } catch {
    // Without storage the link has to be opened again after the sign-on.
  }
}

/** The token that waited for this page, into memory; what waited too long is forgotten. */
function takeBack(pathname: string, nowMs: number): void {
  try {
    const text = sessionStorage.getItem(AWAY_KEY);
    if (text === null) return;
    const away = JSON.parse(text) as Partial<Away>;
    const isOver = typeof away.until_ms !== "number" || away.until_ms <= nowMs;
    if (!isOver && away.pathname !== pathname) return;
    sessionStorage.removeItem(AWAY_KEY);
    if (!isOver && typeof away.token === "string") held.set(pathname, away.token);
  } catch {
    // Nothing waits where nothing can be kept.
  }
}

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
  useState(() => {
    takeBack(pathname, Date.now());
  });
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
  try {
    sessionStorage.removeItem(AWAY_KEY);
  } catch {
    // Nothing was kept.
  }
}
