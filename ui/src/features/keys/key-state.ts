import type { ApiKey } from "@/api/types";

export type KeyState = "active" | "revoked" | "expired";

export function keyState(key: Pick<ApiKey, "is_active" | "expires_at">, now: Date): KeyState {
  if (!key.is_active) return "revoked";
  if (key.expires_at !== null && key.expires_at !== undefined && Date.parse(key.expires_at) <= now.getTime()) return "expired";
  return "active";
}

/** One model or pattern per line or comma. */
export function parseModels(text: string): string[] {
  return [...new Set(text.split(/[\n,]/).map((one) => one.trim()).filter((one) => one !== ""))];
}

/** The end of a chosen day, where the reader is. */
export function expiryOf(day: string): string | null {
  if (day === "") return null;
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}
