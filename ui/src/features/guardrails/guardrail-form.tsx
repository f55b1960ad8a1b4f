import { useState, type ReactNode } from "react";
import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/i18n/i18n";
import { actions, actionsOf, isJson, kinds, stages, stagesOf, withKind, type Draft } from "./guardrail-draft";
import { DetectorChoice } from "./detector-choice";
import { KeyChoice } from "./key-choice";
import { ServiceFields } from "./service-fields";

interface GuardrailFormProps {
  initial: Draft;
  onSubmit: (draft: Draft) => void;
  error: string | undefined;
  /** The buttons; they say what happens. */
  children: ReactNode;
}

export function GuardrailForm({ initial, onSubmit, error, children }: GuardrailFormProps) {
  const t = useT();
  const [draft, setDraft] = useState(initial);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <form
      className="flex max-w-xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.kind === "json_schema" && draft.schema.trim() !== "" && !isJson(draft.schema)) return;
        onSubmit(draft);
      }}
    >
      <Field label={t("common.name")}>{(props) => <Input {...props} required maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />}</Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("guard.stage")}>
          {(props) => (
            <NativeSelect {...props} value={draft.stage} onChange={(event) => change({ stage: stages.find((one) => one === event.target.value) ?? "both" })}>
              {stagesOf(draft.kind).map((one) => <option key={one} value={one}>{t(`guard.stage.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("guard.action")} hint={t(`guard.action.${draft.action}.hint`)}>
          {(props) => (
            <NativeSelect {...props} value={draft.action} onChange={(event) => change({ action: actions.find((one) => one === event.target.value) ?? "flag" })}>
              {actionsOf(draft.kind).map((one) => <option key={one} value={one}>{t(`guard.action.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
      </div>
      <Field label={t("guard.kind")}>
        {(props) => (
          <NativeSelect {...props} value={draft.kind} onChange={(event) => setDraft(withKind(draft, kinds.find((one) => one === event.target.value) ?? "detectors"))}>
            {kinds.map((one) => <option key={one} value={one}>{t(`guard.kind.${one}`)}</option>)}
          </NativeSelect>
        )}
      </Field>
      {draft.kind === "detectors" && <DetectorChoice chosen={draft.detectors} onChange={(chosen) => change({ detectors: chosen })} />}
      {draft.kind === "deny_list" && (
        <Field label={t("guard.phrases")} hint={t("guard.phrasesHint")}>
          {(props) => <Textarea {...props} required rows={4} value={draft.phrases} onChange={(event) => change({ phrases: event.target.value })} />}
        </Field>
      )}
      {draft.kind === "regex" && (
        <Field label={t("guard.patterns")} hint={t("guard.patternsHint")}>
          {(props) => <Textarea {...props} required rows={4} className="font-mono text-xs" value={draft.patterns} onChange={(event) => change({ patterns: event.target.value })} />}
        </Field>
      )}
      {draft.kind === "json_schema" && (
        <Field label={`${t("guard.schema")} (${t("common.optional")})`} hint={t("guard.schemaHint")} error={draft.schema.trim() === "" || isJson(draft.schema) ? undefined : t("guard.schemaBad")}>
          {(props) => <Textarea {...props} rows={8} spellCheck={false} className="font-mono text-xs" value={draft.schema} onChange={(event) => change({ schema: event.target.value })} />}
        </Field>
      )}
      {draft.kind === "http" && <ServiceFields draft={draft} onChange={change} />}
      <Field label={`${t("guard.models")} (${t("common.optional")})`} hint={t("guard.modelsHint")}>
        {(props) => <Textarea {...props} rows={2} className="min-h-14 font-mono text-xs" value={draft.models} onChange={(event) => change({ models: event.target.value })} />}
      </Field>
      <KeyChoice chosen={draft.keys} onChange={(keys) => change({ keys })} />
      {error !== undefined && (
        <p role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      <div className="flex gap-2">{children}</div>
    </form>
  );
}
