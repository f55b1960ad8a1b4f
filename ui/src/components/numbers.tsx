import { useT } from "@/i18n/i18n";
import { formatBytes, formatClock, formatCount, formatDateTime, formatDuration, formatMoney, trimDecimal, type Parts } from "@/lib/format";

/** "Unknown" is a word, never 0. */
export function Unknown() {
  const t = useT();
  return <span className="text-faint">{t("common.unknown")}</span>;
}

export function Money({ amount }: { amount: string | null | undefined }) {
  if (amount === null || amount === undefined || amount === "") return <Unknown />;
  return (
    <span className="tabular-nums" title={`$${trimDecimal(amount)}`}>
      {formatMoney(amount)}
    </span>
  );
}

/** A time span; `ms` null when it does not apply. */
export function Duration({ ms }: { ms: number | null | undefined }) {
  if (ms === null || ms === undefined) return <span className="text-faint">–</span>;
  return <WithUnit parts={formatDuration(ms)} />;
}

export function Bytes({ bytes }: { bytes: number | null | undefined }) {
  if (bytes === null || bytes === undefined) return <Unknown />;
  return <WithUnit parts={formatBytes(bytes)} />;
}

export function WithUnit({ parts }: { parts: Parts }) {
  return (
    <span className="whitespace-nowrap tabular-nums">
      {parts.value}
      {parts.unit !== "" && <span className="ml-0.5 text-[0.85em] text-muted-foreground">{parts.unit}</span>}
    </span>
  );
}

export function Count({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <Unknown />;
  return (
    <span className="tabular-nums" title={value >= 100_000 ? value.toLocaleString("en-US") : undefined}>
      {formatCount(value)}
    </span>
  );
}

/** Tokens in and out: `1,204 → 312`. */
export function TokenFlow({ input, output }: { input: number | null | undefined; output: number | null | undefined }) {
  return (
    <span className="whitespace-nowrap tabular-nums">
      <Count value={input} />
      <span className="px-1 text-faint">→</span>
      <Count value={output} />
    </span>
  );
}

export function Clock({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatDateTime(date)} className="tabular-nums">
      {formatClock(date, false)}
      <span className="text-[0.85em] text-faint">.{String(date.getMilliseconds()).padStart(3, "0")}</span>
    </time>
  );
}

export function DateTime({ at }: { at: string | null | undefined }) {
  if (at === null || at === undefined) return <span className="text-faint">–</span>;
  return (
    <time dateTime={at} title={at} className="tabular-nums">
      {formatDateTime(new Date(at))}
    </time>
  );
}
