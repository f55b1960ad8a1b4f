import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { ReplayPlan } from "@/api/types";
import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";
import type { ReplayDraft } from "./replay-draft";

interface ReplayEditsProps {
  draft: ReplayDraft;
  plan: ReplayPlan | undefined;
  onChange: (part: Partial<ReplayDraft>) => void;
}

/** What may be said otherwise than it was recorded; folded until it is wanted. */
export function ReplayEdits({ draft, plan, onChange }: ReplayEditsProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const temperature = plan?.temperature;
  return (
    <div className="flex flex-col gap-3">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-7 items-center gap-1.5 self-start rounded-sm text-sm font-medium hover:underline">
        <ChevronRight aria-hidden className={cn("size-3.5", open && "rotate-90")} />
        {t("replay.edit")}
      </button>
      {open && (
        <div className="flex flex-col gap-3 border-l pl-4">
          <TextEdit label={t("replay.system")} hint={t("replay.systemHint")} recorded={plan?.system} value={draft.system} onChange={(system) => onChange({ system })} />
          <TextEdit label={t("replay.message")} hint={t("replay.messageHint")} recorded={plan?.message} value={draft.message} onChange={(message) => onChange({ message })} />
          <Field label={t("replay.temperature")} hint={temperature === null || temperature === undefined ? t("replay.temperatureNone") : t("replay.temperatureHint", { value: temperature })}>
            {(props) => <Input {...props} type="number" min={0} max={2} step="any" className="w-28" value={draft.temperature} onChange={(event) => onChange({ temperature: event.target.value })} />}
          </Field>
        </div>
      )}
    </div>
  );
}

interface TextEditProps {
  label: string;
  hint: string;
  recorded: string | null | undefined;
  value: string | null;
  onChange: (text: string) => void;
}

function TextEdit({ label, hint, recorded, value, onChange }: TextEditProps) {
  const t = useT();
  const fixed = recorded === null || recorded === undefined;
  return (
    <Field label={label} hint={fixed ? t("replay.notEditable") : hint}>
      {(props) => <Textarea {...props} rows={4} className="max-h-64 font-mono text-xs" disabled={fixed} required={!fixed} value={value ?? recorded ?? ""} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}
