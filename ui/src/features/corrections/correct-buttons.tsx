import { Merge, Pencil, Split } from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { useHotkeys } from "@/lib/hotkeys";
import { CorrectDialog } from "./correct-dialog";
import type { CorrectionKind, Part, Subject, Target } from "./correction";

interface CorrectButtonsProps {
  subject: Subject;
  targets: readonly Target[];
  conversations: readonly Part[];
  meant?: string | undefined;
}

const icons = { rename: Pencil, merge: Merge, split: Split } as const;

/** The ways to correct who an agent is; nothing for those who may only look. */
export function CorrectButtons(props: CorrectButtonsProps) {
  const t = useT();
  const me = useMe();
  const [kind, setKind] = useState<CorrectionKind | null>(null);
  const allowed = canWrite(me);
  useHotkeys({ c: () => setKind("rename") }, allowed);
  if (!allowed) return null;
  return (
    <div role="group" aria-label={t("correct.what")} className="flex flex-wrap gap-1.5">
      {(["rename", "merge", "split"] as const).map((one) => {
        const Icon = icons[one];
        return (
          <Button key={one} variant="outline" size="sm" onClick={() => setKind(one)}>
            <Icon />
            {t(`correct.kind.${one}`)}
            {one === "rename" && <kbd aria-hidden className="key">c</kbd>}
          </Button>
        );
      })}
      <CorrectDialog {...props} kind={kind} onClose={() => setKind(null)} />
    </div>
  );
}
