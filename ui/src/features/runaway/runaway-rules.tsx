import type { RunawayPolicy } from "@/api/types";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { actions, bound, changed, rules, type Rule } from "./runaway-state";

interface RunawayRulesProps {
  policy: RunawayPolicy;
  disabled: boolean;
  onChange: (policy: RunawayPolicy) => void;
}

/** The rules of the guard, of a team or of one key. */
export function RunawayRules({ policy, disabled, onChange }: RunawayRulesProps) {
  const t = useT();
  return (
    <fieldset disabled={disabled} className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("runaway.title")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("runaway.rule")}</th>
            <th className="pr-4 font-normal">{t("runaway.bound")}</th>
            <th className="font-normal">{t("runaway.action")}</th>
          </tr>
        </thead>
        <tbody>{rules.map((rule) => <RuleRow key={rule} rule={rule} draft={policy} onChange={onChange} />)}</tbody>
      </table>
    </fieldset>
  );
}

function RuleRow({ rule, draft, onChange }: { rule: Rule; draft: RunawayPolicy; onChange: (policy: RunawayPolicy) => void }) {
  const t = useT();
  const name = t(`runaway.rule.${rule}`);
  const { value, pattern, required } = bound(draft, rule);
  return (
    <tr className="h-14 border-b align-middle">
      <td className="py-1.5 pr-4">
        <span className="font-medium">{name}</span>
        <span className="block text-xs text-muted-foreground">{t(`runaway.rule.${rule}.about`)}</span>
      </td>
      <td className="pr-4">
        <Input
          className="w-28"
          aria-label={t("runaway.boundOf", { rule: name })}
          inputMode="decimal"
          pattern={pattern}
          required={required}
          placeholder={t("runaway.none")}
          value={value}
          onChange={(event) => onChange(changed(draft, rule, { bound: event.target.value }))}
        />
      </td>
      <td>
        <NativeSelect
          aria-label={t("runaway.actionOf", { rule: name })}
          value={draft[rule].action}
          onChange={(event) => onChange(changed(draft, rule, { action: actions.find((one) => one === event.target.value) ?? "flag" }))}
        >
          {actions.map((one) => <option key={one} value={one}>{t(`runaway.action.${one}`)}</option>)}
        </NativeSelect>
      </td>
    </tr>
  );
}
