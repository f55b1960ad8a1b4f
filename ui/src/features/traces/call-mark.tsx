import { IterationCcw, Unplug } from "lucide-react";
import type { CacheBreak } from "@/api/types";
import { Tooltip } from "@/components/ui/tooltip";
import { isMessageKey, useT, type Translate } from "@/i18n/i18n";
import { formatCount, formatMoney } from "@/lib/format";
import type { CallMark } from "./marks";

/** A quiet sign on a call, with what it means on hover and focus. */
export function CallMarkSign({ mark, tabbable }: { mark: CallMark; tabbable: boolean }) {
  const t = useT();
  const says = markSentence(mark, t);
  const Icon = mark.kind === "loop" ? IterationCcw : Unplug;
  return (
    <Tooltip content={says}>
      <button type="button" aria-label={says} tabIndex={tabbable ? 0 : -1} className="-my-1 inline-flex h-6 min-w-6 shrink-0 cursor-help items-center justify-center gap-0.5 rounded-sm text-2xs text-warn">
        <Icon aria-hidden className="size-3.5" />
        {mark.kind === "loop" && <span aria-hidden>×{mark.loop.times}</span>}
      </button>
    </Tooltip>
  );
}

export function markSentence(mark: CallMark, t: Translate): string {
  if (mark.kind === "cache") return cacheSentence(mark.cacheBreak, t);
  const key = `tree.loop.${mark.loop.kind}`;
  return isMessageKey(key) ? t(key, { times: mark.loop.times }) : mark.loop.reason;
}

/** What changed: a message by its place, or the tools. */
function cacheSentence(broken: CacheBreak, t: Translate): string {
  const index = broken.message_index ?? null;
  const lost = t(index === null ? "tree.cacheBreakTools" : "tree.cacheBreak", { n: (index ?? 0) + 1, tokens: formatCount(broken.lost_tokens) });
  const cost = broken.lost_cost ?? null;
  return cost === null ? lost : `${lost} ${t("tree.cacheBreakCost", { cost: formatMoney(cost) })}`;
}
