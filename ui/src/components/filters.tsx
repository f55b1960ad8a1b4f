import { X } from "lucide-react";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";

/** Of an id its two ends are enough; a name is shown as it is. */
const isId = /^[0-9a-f-]{15,}$/;

interface ChipProps {
  label: string;
  value: string;
  onRemove: () => void;
}

/** A filter that came with a link: it can be taken away. */
export function FilterChip({ label, value, onRemove }: ChipProps) {
  const t = useT();
  return (
    <button type="button" onClick={onRemove} className="flex h-7 items-center gap-1.5 rounded-md bg-selected px-2 text-xs" aria-label={t("calls.removeFilter", { name: label })}>
      <span className="text-muted-foreground">{label}</span>
      <span className="max-w-60 truncate" title={value}>{isId.test(value) ? shortId(value) : value}</span>
      <X aria-hidden className="size-3" />
    </button>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: React.ReactNode;
}

/** One of a few values, or all. */
export function FilterChoice({ label, value, onChange, children }: ChoiceProps) {
  const t = useT();
  return (
    <label className="flex items-center gap-1.5 text-xs text-muted-foreground">
      {label}
      <NativeSelect value={value} onChange={(event) => onChange(event.target.value)} className="max-w-44 text-foreground [&_select]:h-7 [&_select]:text-xs">
        <option value="">{t("common.all")}</option>
        {children}
      </NativeSelect>
    </label>
  );
}

export function uniqueNames(names: string[]): string[] {
  return [...new Set(names)].filter((name) => name !== "").sort();
}
