import type { CallStatus } from "@/api/types";
import { useT, type MessageKey } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

export const callStatuses: readonly CallStatus[] = ["ok", "client_error", "rate_limited", "budget", "blocked", "upstream_error", "timeout", "cancelled", "internal"];

export function statusLabel(status: CallStatus): MessageKey {
  return `status.${status}`;
}

/** Fine is quiet; what went wrong is a word in color. */
export function CallStatusMark({ status, httpStatus }: { status: CallStatus; httpStatus: number }) {
  const t = useT();
  if (status === "ok") {
    return (
      <span className="inline-flex items-center gap-1.5 text-muted-foreground">
        <span aria-hidden className="size-1.5 rounded-full bg-ok" />
        <span className="tabular-nums">{httpStatus}</span>
        <span className="sr-only">{t("status.ok")}</span>
      </span>
    );
  }
  const soft = status === "cancelled" || status === "rate_limited" || status === "budget";
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1.5 font-medium", soft ? "text-warn" : "text-bad")} title={`HTTP ${String(httpStatus)}`}>
      <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-current" />
      <span className="truncate">{t(statusLabel(status))}</span>
    </span>
  );
}
