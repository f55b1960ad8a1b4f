import { X } from "lucide-react";
import { useT } from "@/i18n/i18n";
import { dismissToast, useToasts } from "@/lib/toasts";
import { cn } from "@/lib/utils";

export function Toaster() {
  const t = useT();
  const toasts = useToasts();
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-80 flex-col gap-2">
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className={cn("pointer-events-auto flex items-start gap-2 rounded-lg bg-raised p-3 text-sm shadow-(--shadow)", toast.kind === "failed" && "text-bad")}
        >
          <span className="min-w-0 flex-1 wrap-any">{toast.text}</span>
          <button type="button" aria-label={t("common.close")} onClick={() => dismissToast(toast.id)} className="-m-1 grid size-6 place-items-center rounded-sm text-muted-foreground hover:bg-hover">
            <X className="size-3.5" />
          </button>
        </div>
      ))}
    </div>
  );
}
