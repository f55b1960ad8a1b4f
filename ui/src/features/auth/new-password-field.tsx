import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";

/** The platform refuses shorter ones. */
const SHORTEST_PASSWORD = 10;
const LONGEST_PASSWORD = 256;

interface NewPasswordFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}

export function NewPasswordField({ label, value, onChange, autoFocus = false }: NewPasswordFieldProps) {
  const t = useT();
  return (
    <Field label={label} hint={t("setup.passwordHint")}>
      {(props) => (
        <Input {...props} type="password" required autoFocus={autoFocus} minLength={SHORTEST_PASSWORD} maxLength={LONGEST_PASSWORD} autoComplete="new-password" className="h-10" value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
