import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { failures, type Draft } from "./guardrail-draft";

/** How a service that judges is asked. */
export function ServiceFields({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const t = useT();
  return (
    <>
      <Field label={t("guard.url")} hint={t("guard.urlHint")}>
        {(props) => <Input {...props} type="url" required maxLength={2000} placeholder="https://" value={draft.url} onChange={(event) => onChange({ url: event.target.value })} />}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("guard.timeout")}>
          {(props) => <Input {...props} type="number" required min={50} max={10000} value={draft.timeoutMs} onChange={(event) => onChange({ timeoutMs: event.target.value })} />}
        </Field>
        <Field label={t("guard.onFailure")} hint={t(`guard.onFailure.${draft.onFailure}.hint`)}>
          {(props) => (
            <NativeSelect {...props} value={draft.onFailure} onChange={(event) => onChange({ onFailure: failures.find((one) => one === event.target.value) ?? "refuse" })}>
              {failures.map((one) => <option key={one} value={one}>{t(`guard.onFailure.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={`${t("guard.headerName")} (${t("common.optional")})`}>
          {(props) => <Input {...props} maxLength={100} placeholder="authorization" value={draft.headerName} onChange={(event) => onChange({ headerName: event.target.value })} />}
        </Field>
        <Field label={t("guard.headerValue")} hint={t("guard.headerValueHint")}>
          {(props) => <Input {...props} type="password" autoComplete="off" maxLength={8192} disabled={draft.headerName.trim() === ""} value={draft.headerValue} onChange={(event) => onChange({ headerValue: event.target.value })} />}
        </Field>
      </div>
    </>
  );
}
