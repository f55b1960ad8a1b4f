import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { windowOf, type BudgetDraft } from "./budget-draft";
import { kinds, scopes, windowsOf } from "./budget-state";

interface BudgetFieldsProps {
  draft: BudgetDraft;
  onChange: (part: Partial<BudgetDraft>) => void;
  error: string | undefined;
  autoFocus?: boolean;
}

/** What a limit is made of; the same for a new one and a change. */
export function BudgetFields({ draft, onChange, error, autoFocus = false }: BudgetFieldsProps) {
  const t = useT();
  return (
    <>
      <Field label={t("common.name")} error={error}>
        {(props) => <Input {...props} required autoFocus={autoFocus} maxLength={100} value={draft.name} onChange={(event) => onChange({ name: event.target.value })} />}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("budgets.whose")}>
          {(props) => (
            <NativeSelect {...props} value={draft.scope} onChange={(event) => onChange({ scope: scopes.find((one) => one === event.target.value) ?? "team" })}>
              {scopes.map((one) => <option key={one} value={one}>{t(`budgets.scope.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("budgets.kind")}>
          {(props) => (
            <NativeSelect {...props} value={draft.kind} onChange={(event) => onChange({ kind: kinds.find((one) => one === event.target.value) ?? "spend" })}>
              {kinds.map((one) => <option key={one} value={one}>{t(`budgets.kind.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("budgets.amount")} hint={t(draft.kind === "spend" ? "budgets.amountSpend" : "budgets.amountCount")}>
          {(props) => <Input {...props} required inputMode="decimal" pattern={draft.kind === "spend" ? "\\d+(\\.\\d+)?" : "\\d+"} value={draft.amount} onChange={(event) => onChange({ amount: event.target.value })} />}
        </Field>
        <Field label={t("budgets.window")}>
          {(props) => (
            <NativeSelect {...props} value={windowOf(draft)} onChange={(event) => onChange({ window: windowsOf(draft.kind, draft.scope).find((one) => one === event.target.value) ?? draft.window })}>
              {windowsOf(draft.kind, draft.scope).map((one) => <option key={one} value={one}>{t(`budgets.window.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
      </div>
      {draft.scope !== "team" && (
        <Field label={t("budgets.subject")} hint={t("budgets.subjectHint")}>
          {(props) => <Input {...props} maxLength={200} value={draft.subject} onChange={(event) => onChange({ subject: event.target.value })} />}
        </Field>
      )}
      <label className="flex min-h-6 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={draft.shadow} onChange={(event) => onChange({ shadow: event.target.checked })} />
        {t("budgets.shadow")}
      </label>
    </>
  );
}
