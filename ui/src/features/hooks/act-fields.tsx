import { Field } from "@/components/field";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { Textarea } from "@/components/ui/textarea";
import { DetectorChoice } from "@/features/guardrails/detector-choice";
import { useT } from "@/i18n/i18n";
import { maskKinds, type Draft } from "./hook-draft";

/** What belongs to the act that was chosen. */
export function ActFields({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const t = useT();
  switch (draft.act) {
    case "tag":
      return (
        <Field label={t("hooks.tags")} hint={t("hooks.tagsHint")}>
          {(props) => <Input {...props} required value={draft.tags} onChange={(event) => onChange({ tags: event.target.value })} />}
        </Field>
      );
    case "reject":
      return (
        <Field label={t("hooks.message")} hint={t("hooks.messageHint")}>
          {(props) => <Input {...props} required maxLength={300} value={draft.message} onChange={(event) => onChange({ message: event.target.value })} />}
        </Field>
      );
    case "webhook":
      return (
        <>
          <Field label={t("hooks.url")} hint={t("hooks.urlHint")}>
            {(props) => <Input {...props} type="url" required maxLength={2000} placeholder="https://" value={draft.url} onChange={(event) => onChange({ url: event.target.value })} />}
          </Field>
          <label className="flex min-h-7 items-center gap-2 text-sm">
            <input type="checkbox" checked={draft.content} onChange={(event) => onChange({ content: event.target.checked })} className="size-4 accent-(--ring)" />
            {t("hooks.content")}
          </label>
        </>
      );
    case "mask":
      return (
        <>
          <Field label={t("guard.kind")}>
            {(props) => (
              <NativeSelect {...props} value={draft.maskKind} onChange={(event) => onChange({ maskKind: maskKinds.find((one) => one === event.target.value) ?? "detectors" })}>
                {maskKinds.map((one) => <option key={one} value={one}>{t(`guard.kind.${one}`)}</option>)}
              </NativeSelect>
            )}
          </Field>
          {draft.maskKind === "detectors" ? (
            <DetectorChoice chosen={draft.detectors} onChange={(chosen) => onChange({ detectors: chosen })} />
          ) : (
            <Field label={t(draft.maskKind === "regex" ? "guard.patterns" : "guard.phrases")} hint={t(draft.maskKind === "regex" ? "guard.patternsHint" : "guard.phrasesHint")}>
              {(props) => <Textarea {...props} required rows={4} className="font-mono text-xs" value={draft.lines} onChange={(event) => onChange({ lines: event.target.value })} />}
            </Field>
          )}
        </>
      );
  }
}
