import { urls } from "./urls";

/** A pasted id says by its form what it is: a call is a UUID, a trace is 32 hex digits. */
export function idTarget(text: string): string | null {
  const id = text.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return urls.call(id);
  return /^[0-9a-f]{32}$/.test(id) ? urls.trace(id) : null;
}
