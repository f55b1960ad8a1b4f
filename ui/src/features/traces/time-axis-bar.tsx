import { useT } from "@/i18n/i18n";
import { niceTicks, position, tickLabel, type TimeWindow } from "./time-axis";

interface TimeAxisProps {
  window: TimeWindow;
  labelWidth: number;
  /** Of the axis itself, in pixels. */
  width: number;
  zoomed: boolean;
  onFit: () => void;
  hint: string;
}

/** Round times over the waterfall, and the way back from a zoom. */
export function TimeAxis({ window, labelWidth, width, zoomed, onFit, hint }: TimeAxisProps) {
  const t = useT();
  const ticks = niceTicks(window, Math.max(2, Math.floor(width / 90)));
  return (
    <div className="flex h-7 shrink-0 items-center border-b text-2xs text-muted-foreground">
      <div className="flex h-full shrink-0 items-center border-r pl-4" style={{ width: labelWidth }}>
        {zoomed ? (
          <button type="button" className="h-6 rounded-sm px-1 text-link hover:underline" onClick={onFit}>
            {t("trace.fit")} <kbd className="key">f</kbd>
          </button>
        ) : (
          <span className="truncate text-faint">{hint}</span>
        )}
      </div>
      <div aria-hidden className="relative h-full min-w-0 flex-1 overflow-hidden">
        {ticks.map((ms) => (
          <span key={ms} className="absolute inset-y-0 flex items-center border-l border-border pl-1 whitespace-nowrap tabular-nums" style={{ left: `${String(position(ms, window) * 100)}%` }}>
            {tickLabel(ms)}
          </span>
        ))}
      </div>
    </div>
  );
}
