import type { FlyingCall } from "@/api/in-flight";
import { callStatuses, statusLabel } from "@/features/calls/call-status";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

/** Whether a call in flight waits or answers; how it ended, until its record is here. */
export function FlightStatus({ row }: { row: FlyingCall }) {
  const t = useT();
  const { ended } = row;
  if (ended === null) {
    return (
      <span className="inline-flex items-center gap-1.5 text-link">
        <span aria-hidden className={cn("size-1.5 animate-breathe rounded-full bg-(--ring)", row.call.state === "waiting" && "bg-transparent ring-1 ring-(--ring)")} />
        {t(`flight.${row.call.state}`)}
      </span>
    );
  }
  const known = callStatuses.find((one) => one === ended.status);
  return <span className="text-muted-foreground">{known === undefined ? t(ended.status === "lost" ? "flight.lost" : "flight.recording") : t(statusLabel(known))}</span>;
}
