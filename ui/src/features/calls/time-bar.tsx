import { Duration } from "@/components/numbers";
import { formatDuration, joinParts } from "@/lib/format";
import { useT } from "@/i18n/i18n";

/** A minute fills the bar; the scale is logarithmic, so that 80 ms and 800 ms look different. */
const FULL_MS = 60_000;

export function barShare(ms: number): number {
  return Math.min(1, Math.log10(1 + Math.max(0, ms)) / Math.log10(1 + FULL_MS));
}

/** Total time, with the wait for the first token set off. */
export function TimeBar({ durationMs, firstTokenMs, color }: { durationMs: number; firstTokenMs: number | null; color: string }) {
  const t = useT();
  const total = barShare(durationMs) * 100;
  // Inside the bar shares are true to time; only its length is logarithmic.
  const first = firstTokenMs === null || durationMs <= 0 ? total : total * Math.min(1, firstTokenMs / durationMs);
  const title = firstTokenMs === null ? undefined : t("calls.firstTokenTitle", { time: joinParts(formatDuration(firstTokenMs)) });
  return (
    <span className="flex items-center gap-2" title={title}>
      <span aria-hidden className="relative h-1.5 min-w-0 flex-1">
        <span className="absolute inset-y-0 left-0 rounded-[1px] opacity-30" style={{ width: `${String(first)}%`, backgroundColor: color }} />
        <span className="absolute inset-y-0 rounded-[1px]" style={{ left: `${String(first)}%`, width: `${String(Math.max(total - first, 0))}%`, backgroundColor: color }} />
      </span>
      <span className="w-14 text-right">
        <Duration ms={durationMs} />
      </span>
    </span>
  );
}
