import { Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { Tooltip } from "@/components/ui/tooltip";
import { isMessageKey, useT, type Translate } from "@/i18n/i18n";
import { isHinted, ruleSentence, surePercent, type FoundFact, type FoundField } from "@/lib/found";
import { cn } from "@/lib/utils";

interface FoundMarkProps {
  found: FoundFact | null | undefined;
  field: FoundField;
  /** What is marked; hovering over it tells the reason too. */
  children: ReactNode;
  className?: string | undefined;
  /** In a list where one row is reached by the keyboard, only that row's mark is. */
  tabbable?: boolean;
}

/** What was worked out, not said: a quiet mark behind it, and why on hover and on focus. What was stated is shown as it is. */
export function FoundMark({ found, field, children, className, tabbable = true }: FoundMarkProps) {
  const t = useT();
  if (!isHinted(found)) return <span className={cn("inline-flex min-w-0 items-center", className)}>{children}</span>;
  const reason = foundReason(found, field, t);
  return (
    <Tooltip content={<Why found={found} reason={reason} />}>
      <span className={cn("inline-flex min-w-0 items-center gap-0.5", className)}>
        {children}
        <button type="button" aria-label={`${reason} ${sure(found, t)}`} tabIndex={tabbable ? 0 : -1} className="-my-1 grid size-6 shrink-0 cursor-help place-items-center rounded-sm text-faint hover:text-foreground">
          {found.source === "corrected" ? <Pencil aria-hidden className="size-3" /> : <SureRing share={found.confidence} />}
        </button>
      </span>
    </Tooltip>
  );
}

function Why({ found, reason }: { found: FoundFact; reason: string }) {
  const t = useT();
  return (
    <span className="block max-w-72 py-0.5">
      <span className="block wrap-any">{reason}</span>
      <span className="mt-0.5 block opacity-75">{sure(found, t)}</span>
    </span>
  );
}

function sure(found: FoundFact, t: Translate): string {
  return found.source === "corrected" ? t("found.corrected") : t("found.sure", { percent: surePercent(found) });
}

/** Why a field is what it is, in the reader's language; a rule this page does not know is told in the platform's words. */
export function foundReason(found: FoundFact, field: FoundField, t: Translate): string {
  const { key, place } = ruleSentence(field, found.rule);
  if (isMessageKey(key)) return t(key, { place });
  return found.reason === "" ? t("found.other", { rule: found.rule }) : found.reason;
}

/** A ring as full as one may be sure. */
function SureRing({ share }: { share: number }) {
  const round = 2 * Math.PI * 4;
  return (
    <svg aria-hidden viewBox="0 0 12 12" className="size-2.5 -rotate-90" fill="none" stroke="currentColor">
      <circle cx="6" cy="6" r="4" strokeWidth="1.5" opacity="0.3" />
      <circle cx="6" cy="6" r="4" strokeWidth="1.5" strokeDasharray={`${String(Math.min(1, Math.max(0, share)) * round)} ${String(round)}`} />
    </svg>
  );
}
