import createClient, { type Middleware } from "openapi-fetch";
import { getPrefs } from "@/lib/prefs";
import { NetworkError, toApiError } from "@/lib/problem";
import { getSession, refreshSession } from "./session";
import type { paths } from "./schema";

/** Adds who asks and for which team; after an expired token, refreshes once and asks again. */
const signedRequests: Middleware = {
  onRequest({ request, id }) {
    const { token } = getSession();
    if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
    const { teamId } = getPrefs();
    if (teamId !== null) request.headers.set("X-Team-Id", teamId);
    retries.set(id, request.clone());
    return request;
  },
  async onResponse({ request, response, id, options }) {
    const again = retries.get(id);
    retries.delete(id);
    if (response.status !== 401 || again === undefined || !request.headers.has("Authorization")) return response;
    const token = await refreshSession();
    if (token === null) return response;
    again.headers.set("Authorization", `Bearer ${token}`);
    return options.fetch(again);
  },
  onError({ error, id }) {
    retries.delete(id);
    return error instanceof DOMException && error.name === "AbortError" ? error : new NetworkError(error);
  },
};

/** A request's body can be read once; the copy is for asking again. */
const retries = new Map<string, Request>();

export const client = createClient<paths>({ baseUrl: window.location.origin });
client.use(signedRequests);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a success, or an `ApiError` thrown. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw toApiError(response.status, error, response.headers.get("x-request-id"));
  return data as NonNullable<T>;
}

/** A resource and its version, to bring back in `If-Match` when it is changed. */
export interface Versioned<T> {
  resource: NonNullable<T>;
  version: string | null;
}

export async function versioned<T>(answer: Promise<Answer<T>>): Promise<Versioned<T>> {
  const resource = await unwrap(answer);
  const { response } = await answer;
  return { resource, version: response.headers.get("etag") };
}
