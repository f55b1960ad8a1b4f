import type { Execution } from "@/api/types";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

const colors: Record<Execution["status"], string> = {
  pending: "text-muted-foreground",
  running: "text-link",
  completed: "text-ok",
  failed: "text-bad",
  cancelled: "text-warn",
};

export function RunStatus({ status }: { status: Execution["status"] }) {
  const t = useT();
  const going = status === "pending" || status === "running";
  return (
    <span className={cn("inline-flex items-center gap-1.5 text-sm font-medium", colors[status])}>
      <span aria-hidden className={cn("size-1.5 rounded-full bg-current", going && "animate-breathe")} />
      {t(`run.${status}`)}
    </span>
  );
}
