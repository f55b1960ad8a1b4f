import { OctagonAlert } from "lucide-react";
import type { RunawayMark } from "@/api/types";
import { Tooltip } from "@/components/ui/tooltip";
import { isMessageKey, useT, type Translate } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

/** What the runaway guard saw in a call, and what it did about it. */
export function RunawayBadge({ mark, short = false }: { mark: RunawayMark; short?: boolean }) {
  const t = useT();
  const says = runawaySentence(mark, t);
  return (
    <Tooltip content={says}>
      <button type="button" aria-label={says} className={cn("inline-flex h-6 shrink-0 cursor-help items-center rounded-sm px-1 text-2xs font-medium", mark.action === "stop" ? "text-bad" : "text-warn")}>
        {short ? <OctagonAlert aria-hidden className="size-3.5" /> : `${ruleLabel(mark.rule, t)} ${mark.count}/${mark.limit}`}
      </button>
    </Tooltip>
  );
}

function ruleLabel(rule: string, t: Translate): string {
  const found = [`runaway.rule.${rule}`, `guard.rule.${rule}`].find(isMessageKey);
  return found === undefined ? rule : t(found);
}

export function runawaySentence(mark: RunawayMark, t: Translate): string {
  const did = `guard.did.${mark.action}`;
  return t("guard.sentence", { rule: ruleLabel(mark.rule, t), count: mark.count, limit: mark.limit, action: isMessageKey(did) ? t(did) : mark.action });
}
