import { useState, type ReactNode } from "react";
import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/i18n/i18n";
import { ActFields } from "./act-fields";
import { acts, knowsEnd, points, pointsOf, statuses, withAct, type Draft } from "./hook-draft";

interface HookFormProps {
  initial: Draft;
  onSubmit: (draft: Draft) => void;
  error: string | undefined;
  /** The buttons; they say what happens. */
  children: ReactNode;
}

export function HookForm({ initial, onSubmit, error, children }: HookFormProps) {
  const t = useT();
  const [draft, setDraft] = useState(initial);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <form
      className="flex max-w-xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(draft);
      }}
    >
      <Field label={t("common.name")}>{(props) => <Input {...props} required maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />}</Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("hooks.act")} hint={t(`hooks.act.${draft.act}.hint`)}>
          {(props) => (
            <NativeSelect {...props} value={draft.act} onChange={(event) => setDraft(withAct(draft, acts.find((one) => one === event.target.value) ?? "webhook"))}>
              {acts.map((one) => <option key={one} value={one}>{t(`hooks.act.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("hooks.point")}>
          {(props) => (
            <NativeSelect {...props} value={draft.point} onChange={(event) => change({ point: points.find((one) => one === event.target.value) ?? "after" })}>
              {pointsOf(draft.act).map((one) => <option key={one} value={one}>{t(`hooks.point.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
      </div>
      <ActFields draft={draft} onChange={change} />
      <FilterFields draft={draft} onChange={change} />
      {error !== undefined && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      <div className="flex gap-2">{children}</div>
    </form>
  );
}

function FilterFields({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const t = useT();
  const toggle = (status: (typeof statuses)[number]) => {
    const next = new Set(draft.statuses);
    if (!next.delete(status)) next.add(status);
    onChange({ statuses: next });
  };
  return (
    <>
      <p className="text-xs text-muted-foreground">{t("hooks.filterHint")}</p>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("hooks.models")}>{(props) => <Textarea {...props} rows={2} className="min-h-14 font-mono text-xs" value={draft.models} onChange={(event) => onChange({ models: event.target.value })} />}</Field>
        <Field label={t("hooks.agents")}>{(props) => <Textarea {...props} rows={2} className="min-h-14 font-mono text-xs" value={draft.agents} onChange={(event) => onChange({ agents: event.target.value })} />}</Field>
        <Field label={t("hooks.onlyTags")}>{(props) => <Textarea {...props} rows={2} className="min-h-14 font-mono text-xs" value={draft.onlyTags} onChange={(event) => onChange({ onlyTags: event.target.value })} />}</Field>
        {knowsEnd(draft) && <Field label={t("hooks.errors")}>{(props) => <Textarea {...props} rows={2} className="min-h-14 font-mono text-xs" placeholder="upstream_*" value={draft.errors} onChange={(event) => onChange({ errors: event.target.value })} />}</Field>}
      </div>
      {knowsEnd(draft) && (
        <fieldset className="grid grid-cols-3 gap-x-3 max-sm:grid-cols-2">
          <legend className="mb-1 text-sm font-medium">{t("hooks.statuses")}</legend>
          {statuses.map((status) => (
            <label key={status} className="flex min-h-7 items-center gap-2 text-sm">
              <input type="checkbox" checked={draft.statuses.has(status)} onChange={() => toggle(status)} className="size-4 accent-(--ring)" />
              {t(`status.${status}`)}
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}
