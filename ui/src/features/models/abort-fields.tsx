import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { abortActions, type AbortDraft } from "./model-draft";

const KB = 1_024;
const SECOND = 1_000;

/** What becomes of a provider's answer when its client goes away. */
export function AbortFields({ abort, onChange }: { abort: AbortDraft; onChange: (abort: AbortDraft) => void }) {
  const t = useT();
  const { action, maxBytes, maxMs } = abort;
  return (
    <div className="flex flex-col gap-3">
      <Field label={t("models.onAbort")} hint={t(`models.onAbortHint.${action}`)}>
        {(props) => (
          <NativeSelect {...props} className="w-60" value={action} onChange={(event) => onChange({ ...abort, action: abortActions.find((one) => one === event.target.value) ?? "cancel" })}>
            {abortActions.map((one) => <option key={one} value={one}>{t(`models.onAbort.${one}`)}</option>)}
          </NativeSelect>
        )}
      </Field>
      {action === "drain_to_cap" && (
        <div className="flex flex-wrap gap-4">
          <Bound label={t("models.abortMaxBytes")} value={maxBytes} unit={KB} most={KB * KB} required={maxMs === null} onChange={(bytes) => onChange({ ...abort, maxBytes: bytes })} />
          <Bound label={t("models.abortMaxMs")} value={maxMs} unit={SECOND} most={3_600} required={maxBytes === null} onChange={(ms) => onChange({ ...abort, maxMs: ms })} />
        </div>
      )}
    </div>
  );
}

interface BoundProps {
  label: string;
  value: number | null;
  /** How many of what is stored make one of what is shown. */
  unit: number;
  most: number;
  /** One of the two bounds must be there. */
  required: boolean;
  onChange: (value: number | null) => void;
}

function Bound({ label, value, unit, most, required, onChange }: BoundProps) {
  return (
    <Field label={label}>
      {(props) => (
        <Input
          {...props}
          type="number"
          min={1 / unit}
          max={most}
          step="any"
          required={required}
          className="w-32"
          value={value === null ? "" : value / unit}
          onChange={(event) => onChange(Number.isNaN(event.target.valueAsNumber) ? null : Math.max(1, Math.round(event.target.valueAsNumber * unit)))}
        />
      )}
    </Field>
  );
}
