import { useState, type ReactNode } from "react";
import type { Permission } from "@/api/types";
import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/i18n/i18n";
import { expiryOf, parseModels } from "./key-state";

export interface KeyDraft {
  name: string;
  permissions: Permission[];
  allowed_models: string[];
  expires_at: string | null;
}

const permissions: readonly Permission[] = ["gateway", "passthrough", "read", "run", "write", "admin"];

interface KeyFormProps {
  initial: KeyDraft;
  onSubmit: (draft: KeyDraft) => void;
  error: string | undefined;
  /** The button; it says what happens. */
  children: ReactNode;
}

export function KeyForm({ initial, onSubmit, error, children }: KeyFormProps) {
  const t = useT();
  const [name, setName] = useState(initial.name);
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set(initial.permissions));
  const [models, setModels] = useState(initial.allowed_models.join("\n"));
  const [day, setDay] = useState(initial.expires_at?.slice(0, 10) ?? "");
  const toggle = (permission: Permission) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    setChosen(next);
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        // An expiry that was not touched keeps its exact moment.
        const expires = day === (initial.expires_at?.slice(0, 10) ?? "") ? initial.expires_at : expiryOf(day);
        onSubmit({ name: name.trim(), permissions: permissions.filter((one) => chosen.has(one)), allowed_models: parseModels(models), expires_at: expires });
      }}
    >
      <Field label={t("common.name")} hint={t("keysPage.nameHint")}>
        {(props) => <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-medium">{t("keysPage.permissions")}</legend>
        {permissions.map((permission) => (
          <label key={permission} className="flex min-h-7 items-start gap-2 text-sm">
            <input type="checkbox" checked={chosen.has(permission)} onChange={() => toggle(permission)} className="mt-0.5 size-4 accent-(--ring)" />
            <span>
              {t(`permission.${permission}`)}
              <span className="block text-xs text-muted-foreground">{t(`permission.${permission}.hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Field label={`${t("keysPage.models")} (${t("common.optional")})`} hint={t("keysPage.modelsHint")}>
        {(props) => <Textarea {...props} rows={2} value={models} onChange={(event) => setModels(event.target.value)} className="min-h-14 font-mono text-xs" />}
      </Field>
      <Field label={`${t("keysPage.expires")} (${t("common.optional")})`}>
        {(props) => <Input {...props} type="date" value={day} onChange={(event) => setDay(event.target.value)} className="w-44" />}
      </Field>
      {error !== undefined && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      <div className="flex gap-2">{children}</div>
    </form>
  );
}
