import { useSyncExternalStore } from "react";
import { getPrefs, setPrefs } from "@/lib/prefs";
import type { components } from "./schema";

type SignedIn = components["schemas"]["SignedIn"];
export type Me = components["schemas"]["Me"];

/** Who is signed in. The access token lives here, in memory, and nowhere else; the refresh token is a cookie no script can read. */
export interface Session {
  status: "loading" | "anonymous" | "signedIn";
  token: string | null;
  me: Me | null;
}

/** Says only that a refresh cookie probably exists, so that a first visit asks for nothing it cannot get. */
const HINT_KEY = "aop.signed-in";

let session: Session = { status: "loading", token: null, me: null };
const listeners = new Set<() => void>();

function publish(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export function getSession(): Session {
  return session;
}

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}

/** The signed-in user; only for what stands behind sign-in. */
export function useMe(): Me {
  const { me } = useSession();
  if (me === null) throw new Error("This page needs a signed-in user.");
  return me;
}

export function signIn(answer: SignedIn): void {
  const { teamId } = getPrefs();
  const teams = answer.user.teams;
  if (!teams.some((team) => team.id === teamId)) setPrefs({ teamId: teams[0]?.id ?? null });
  hint(true);
  publish({ status: "signedIn", token: answer.access_token, me: answer.user });
}

export function setMe(me: Me): void {
  publish({ ...session, me });
}

export function signedOut(): void {
  hint(false);
  publish({ status: "anonymous", token: null, me: null });
}

function hint(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(HINT_KEY, "1");
    else localStorage.removeItem(HINT_KEY);
  } catch {
    // Without storage every visit starts by asking.
  }
}

function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(HINT_KEY) !== null;
  } catch {
    return true;
  }
}

/** At start: comes back signed in where a session exists. */
export function restoreSession(): void {
  if (mayHaveSession()) void refreshSession();
  else signedOut();
}

let refreshing: Promise<string | null> | null = null;

/** Trades the refresh cookie for a new access token. Many callers at once share one request. */
export function refreshSession(): Promise<string | null> {
  refreshing ??= requestRefresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/**
 * Not reachable is not signed out: what is on the screen stays, and the next request tries again. Above all the hint
 * stays: a page that is left while it asks ends up here, and the page after it must still know that there is a session.
 */
function unreachable(): null {
  if (session.status === "loading") publish({ status: "anonymous", token: null, me: null });
  return null;
}

async function requestRefresh(): Promise<string | null> {
  let response: Response;
  try {
    response = await fetch("/api/auth/refresh", { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: "{}" });
  } catch {
    return unreachable();
  }
  if (response.status === 401) {
    signedOut();
    return null;
  }
  if (!response.ok) return unreachable();
  const answer = (await response.json()) as SignedIn;
  signIn(answer);
  return answer.access_token;
}
