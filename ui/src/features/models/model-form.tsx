import { Plus, X } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Model, ModelRequest, Provider } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { emptyTarget, requestOf, type ModelDraft, type TargetDraft } from "./model-draft";
import { BreakerFields, ContinuesField, RoutingFields } from "./routing-fields";

const operations: readonly Model["operations"][number][] = ["chat", "completion", "embedding", "moderation", "rerank", "image", "speech", "transcription"];

interface ModelFormProps {
  initial: ModelDraft;
  providers: readonly Provider[];
  /** Names a fallback can lead to. */
  models: readonly string[];
  editable: boolean;
  onSubmit: (request: ModelRequest) => void;
  error: string | undefined;
  children: ReactNode;
}

export function ModelForm({ initial, providers, models, editable, onSubmit, error, children }: ModelFormProps) {
  const t = useT();
  const [draft, setDraft] = useState(initial);
  const change = (part: Partial<ModelDraft>) => setDraft({ ...draft, ...part });
  const setTarget = (index: number, target: TargetDraft) => change({ targets: draft.targets.map((one, at) => (at === index ? target : one)) });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(requestOf(draft));
      }}
    >
      <fieldset disabled={!editable} className="flex flex-col gap-4">
        <Field label={t("models.name")} hint={t("models.nameHint")}>
          {(props) => <Input {...props} required maxLength={200} className="font-mono text-xs" value={draft.model} onChange={(event) => change({ model: event.target.value })} />}
        </Field>
        <div className="flex flex-wrap gap-x-5 gap-y-1" role="group" aria-label={t("models.operations")}>
          {operations.map((operation) => (
            <label key={operation} className="flex h-7 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-(--ring)"
                checked={draft.operations.includes(operation)}
                onChange={(event) => change({ operations: operations.filter((one) => (one === operation ? event.target.checked : draft.operations.includes(one))) })}
              />
              {t(`models.operation.${operation}`)}
            </label>
          ))}
        </div>
        <section aria-label={t("models.answeredBy")} className="flex flex-col gap-2">
          <h2 className="text-sm font-medium">{t("models.answeredBy")}</h2>
          <p className="text-xs text-muted-foreground">{t("models.orderHint")}</p>
          {draft.targets.map((target, index) => (
            <TargetRow
              key={index}
              target={target}
              providers={providers}
              placeholder={draft.model}
              continued={draft.continuations > 0}
              onChange={(next) => setTarget(index, next)}
              onRemove={draft.targets.length > 1 ? () => change({ targets: draft.targets.filter((_, at) => at !== index) }) : null}
            />
          ))}
          {editable && (
            <Button variant="ghost" size="sm" className="self-start" onClick={() => change({ targets: [...draft.targets, { ...emptyTarget(providers[0]?.id ?? ""), priority: draft.targets.length }] })}>
              <Plus />
              {t("models.addTarget")}
            </Button>
          )}
        </section>
        <Field label={t("models.maxAttempts")} hint={t("models.maxAttemptsHint")}>
          {(props) => <Input {...props} type="number" min={1} max={10} className="w-20" value={draft.maxAttempts} onChange={(event) => change({ maxAttempts: event.target.valueAsNumber || 1 })} />}
        </Field>
        <RoutingFields draft={draft} models={models} editable={editable} onChange={change} />
      </fieldset>
      {error !== undefined && <p role="alert" className="text-sm text-bad">{error}</p>}
      <div className="flex gap-2">{children}</div>
    </form>
  );
}

interface TargetRowProps {
  target: TargetDraft;
  providers: readonly Provider[];
  placeholder: string;
  /** Streams of this model that break are continued. */
  continued: boolean;
  onChange: (target: TargetDraft) => void;
  onRemove: (() => void) | null;
}

function TargetRow({ target, providers, placeholder, continued, onChange, onRemove }: TargetRowProps) {
  const t = useT();
  const provider = providers.find((one) => one.id === target.providerId);
  return (
    <div className="grid grid-cols-2 gap-2 rounded-md bg-sunken p-2.5 sm:grid-cols-[1fr_1fr_1fr_64px_64px_28px] sm:items-end">
      <Cell label={t("calls.provider")}>
        <NativeSelect aria-label={t("calls.provider")} value={target.providerId} onChange={(event) => onChange({ ...target, providerId: event.target.value, credentialId: "" })}>
          {providers.map((one) => (
            <option key={one.id} value={one.id}>{one.name}</option>
          ))}
        </NativeSelect>
      </Cell>
      <Cell label={t("models.upstream")}>
        <Input aria-label={t("models.upstream")} className="font-mono text-xs" placeholder={placeholder} value={target.upstreamModel} onChange={(event) => onChange({ ...target, upstreamModel: event.target.value })} />
      </Cell>
      <Cell label={t("models.credential")}>
        <NativeSelect aria-label={t("models.credential")} value={target.credentialId} onChange={(event) => onChange({ ...target, credentialId: event.target.value })}>
          <option value="">{t("common.none")}</option>
          {provider?.credentials.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </NativeSelect>
      </Cell>
      <Cell label={t("models.priority")}>
        <Input aria-label={t("models.priority")} type="number" min={0} max={1000} value={target.priority} onChange={(event) => onChange({ ...target, priority: event.target.valueAsNumber || 0 })} />
      </Cell>
      <Cell label={t("models.weight")}>
        <Input aria-label={t("models.weight")} type="number" min={1} max={1000} value={target.weight} onChange={(event) => onChange({ ...target, weight: event.target.valueAsNumber || 1 })} />
      </Cell>
      {onRemove !== null && (
        <Button variant="ghost" size="icon" aria-label={t("models.removeTarget")} onClick={onRemove}>
          <X />
        </Button>
      )}
      <BreakerFields target={target} onChange={onChange} />
      {continued && <ContinuesField target={target} onChange={onChange} />}
    </div>
  );
}

function Cell({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <span aria-hidden className="truncate text-xs text-muted-foreground">{label}</span>
      {children}
    </div>
  );
}
