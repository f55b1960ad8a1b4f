/** Numbers as people read them. Money comes as exact decimal text and is never put through a float for showing it exactly. */

export interface Parts {
  /** The number itself. */
  value: string;
  /** Its unit, drawn small and grey; empty when there is none. */
  unit: string;
}

/** Exact decimal text without trailing zeros: `0.0004120` → `0.000412`. */
export function trimDecimal(text: string): string {
  if (!text.includes(".")) return text;
  return text.replace(/0+$/, "").replace(/\.$/, "");
}

/** Digits as they matter: `$0.000412`, `$0.0124`, `$12.40`, `$3.1k`. */
export function formatMoney(text: string): string {
  const amount = Number(text);
  if (!Number.isFinite(amount)) return text;
  const sign = amount < 0 ? "-" : "";
  return `${sign}$${moneyDigits(Math.abs(amount))}`;
}

function moneyDigits(amount: number): string {
  if (amount === 0) return "0";
  if (amount >= 1_000_000) return `${scaled(amount / 1_000_000)}M`;
  if (amount >= 1_000) return `${scaled(amount / 1_000)}k`;
  if (amount >= 1) return amount.toFixed(2);
  // Three digits that matter, however small.
  const zeros = Math.floor(-Math.log10(amount));
  return trimDecimal(amount.toFixed(Math.min(zeros + 3, 12)));
}

function scaled(amount: number): string {
  return amount >= 100 ? amount.toFixed(0) : trimDecimal(amount.toFixed(1));
}

/** Milliseconds: `0.4 ms`, `412 ms`, `3.2 s`, `2 m 05 s`, `1 h 12 m`. */
export function formatDuration(ms: number): Parts {
  if (ms < 0) return { value: "0", unit: "ms" };
  if (ms < 10) return { value: trimDecimal(ms.toFixed(1)), unit: "ms" };
  if (Math.round(ms) < 1_000) return { value: String(Math.round(ms)), unit: "ms" };
  if (ms < 9_950) return { value: (ms / 1_000).toFixed(1), unit: "s" };
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return { value: String(seconds), unit: "s" };
  if (seconds % 3_600 === 0) return { value: String(seconds / 3_600), unit: "h" };
  if (seconds % 60 === 0 && seconds < 3_600) return { value: String(seconds / 60), unit: "m" };
  if (seconds < 3_600) return { value: `${Math.floor(seconds / 60)} m ${pad(seconds % 60)}`, unit: "s" };
  return { value: `${Math.floor(seconds / 3_600)} h ${pad(Math.floor((seconds % 3_600) / 60))}`, unit: "m" };
}

/** Counts: `812`, `12,408`, `1.2M`. */
export function formatCount(count: number): string {
  if (count < 100_000) return Math.round(count).toLocaleString("en-US");
  if (count < 1_000_000) return `${scaled(count / 1_000)}k`;
  if (count < 1_000_000_000) return `${scaled(count / 1_000_000)}M`;
  return `${scaled(count / 1_000_000_000)}B`;
}

export function formatPercent(share: number): string {
  if (share === 0) return "0%";
  if (share < 0.001) return "<0.1%";
  return `${trimDecimal((share * 100).toFixed(1))}%`;
}

export function formatBytes(bytes: number): Parts {
  if (bytes < 1_024) return { value: String(bytes), unit: "B" };
  if (bytes < 1_048_576) return { value: trimDecimal((bytes / 1_024).toFixed(1)), unit: "KB" };
  return { value: trimDecimal((bytes / 1_048_576).toFixed(1)), unit: "MB" };
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

/** `14:03:07.412` in the reader's own time zone. */
export function formatClock(at: Date, withMillis = true): string {
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return withMillis ? `${clock}.${String(at.getMilliseconds()).padStart(3, "0")}` : clock;
}

/** `2026-11-21 14:03` in the reader's own time zone. */
export function formatDateTime(at: Date): string {
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

export function joinParts(parts: Parts): string {
  return parts.unit === "" ? parts.value : `${parts.value} ${parts.unit}`;
}

/** `0195f3c2…b41e`: enough of an id to recognize it. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}

/** Microseconds, which may be absent, as milliseconds. */
export function millis(us: number | null | undefined): number | null {
  return us === null || us === undefined ? null : us / 1_000;
}
