import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import type { Budget } from "@/api/types";
import { figure, shareUsed } from "./budget-state";

/** How much of a limit is used, in words and as a bar. */
export function UseBar({ budget }: { budget: Budget }) {
  const t = useT();
  const share = shareUsed(budget);
  const words = t("budgets.usedOf", { used: figure(budget.kind, budget.current.used), limit: figure(budget.kind, budget.amount) });
  return (
    <div className="flex min-w-36 flex-col gap-1">
      <span className="text-xs tabular-nums">{words}</span>
      <progress className={cn("use-bar h-1 w-full", share >= 1 && "use-bar-full")} max={1} value={share} aria-label={`${budget.name}: ${words}`} />
    </div>
  );
}
