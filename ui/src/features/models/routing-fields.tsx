import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { AbortFields } from "./abort-fields";
import { continuesWays, errorClasses, strategies, unsupportedWishes, type FallbackDraft, type ModelDraft, type TargetDraft } from "./model-draft";

interface RoutingFieldsProps {
  draft: ModelDraft;
  /** Names a fallback can lead to. */
  models: readonly string[];
  editable: boolean;
  onChange: (part: Partial<ModelDraft>) => void;
}

/** How a model chooses among its providers, and what it does when they fail. */
export function RoutingFields({ draft, models, editable, onChange }: RoutingFieldsProps) {
  const t = useT();
  return (
    <section aria-label={t("models.routing")} className="flex flex-col gap-4">
      <Field label={t("models.strategy")} hint={t(`models.strategyHint.${draft.strategy}`)}>
        {(props) => (
          <NativeSelect {...props} className="w-60" value={draft.strategy} onChange={(event) => onChange({ strategy: strategies.find((one) => one === event.target.value) ?? "weighted" })}>
            {strategies.map((one) => (
              <option key={one} value={one}>{t(`models.strategy.${one}`)}</option>
            ))}
          </NativeSelect>
        )}
      </Field>
      <label className="flex items-baseline gap-2 text-sm">
        <input type="checkbox" className="size-4 translate-y-0.5 accent-(--ring)" checked={draft.sticky} onChange={(event) => onChange({ sticky: event.target.checked })} />
        <span>
          {t("models.sticky")} <span className="block text-xs text-muted-foreground">{t("models.stickyHint")}</span>
        </span>
      </label>
      <Fallbacks fallbacks={draft.fallbacks} models={models.filter((name) => name !== draft.model)} editable={editable} onChange={(fallbacks) => onChange({ fallbacks })} />
      <Field label={t("models.aliases")} hint={t("models.aliasesHint")}>
        {(props) => <Input {...props} className="font-mono text-xs" placeholder="gpt-4o*, openai/*" value={draft.aliases.replaceAll("\n", ", ")} onChange={(event) => onChange({ aliases: event.target.value })} />}
      </Field>
      <Field label={t("models.hedge")} hint={t("models.hedgeHint")}>
        {(props) => (
          <Input
            {...props}
            type="number"
            min={50}
            max={600_000}
            className="w-28"
            value={draft.hedgeAfterMs ?? ""}
            onChange={(event) => onChange({ hedgeAfterMs: Number.isNaN(event.target.valueAsNumber) ? null : event.target.valueAsNumber })}
          />
        )}
      </Field>
      <Field label={t("models.continuations")} hint={t("models.continuationsHint")}>
        {(props) => (
          <NativeSelect {...props} className="w-72" value={draft.continuations} onChange={(event) => onChange({ continuations: Number(event.target.value) })}>
            {[0, 1, 2, 3].map((times) => (
              <option key={times} value={times}>{times === 0 ? t("models.continuationsNever") : t("models.continuationsTimes", { times })}</option>
            ))}
          </NativeSelect>
        )}
      </Field>
      <Field label={t("models.unsupported")} hint={t(`models.unsupportedHint.${draft.unsupported}`)}>
        {(props) => (
          <NativeSelect {...props} className="w-96 max-w-full" value={draft.unsupported} onChange={(event) => onChange({ unsupported: unsupportedWishes.find((one) => one === event.target.value) ?? "caller_decides" })}>
            {unsupportedWishes.map((one) => (
              <option key={one} value={one}>{t(`models.unsupported.${one}`)}</option>
            ))}
          </NativeSelect>
        )}
      </Field>
      <AbortFields abort={draft.onAbort} onChange={(onAbort) => onChange({ onAbort })} />
    </section>
  );
}

interface FallbacksProps {
  fallbacks: readonly FallbackDraft[];
  models: readonly string[];
  editable: boolean;
  onChange: (fallbacks: FallbackDraft[]) => void;
}

function Fallbacks({ fallbacks, models, editable, onChange }: FallbacksProps) {
  const t = useT();
  const set = (index: number, next: FallbackDraft) => onChange(fallbacks.map((one, at) => (at === index ? next : one)));
  const move = (index: number, by: number) => {
    const next = [...fallbacks];
    const [one] = next.splice(index, 1);
    if (one !== undefined) next.splice(index + by, 0, one);
    onChange(next);
  };
  return (
    <section aria-label={t("models.fallbacks")} className="flex flex-col gap-2">
      <h2 className="text-sm font-medium">{t("models.fallbacks")}</h2>
      <p className="text-xs text-muted-foreground">{t("models.fallbacksHint")}</p>
      {fallbacks.map((fallback, index) => (
        <div key={index} className="flex flex-wrap items-center gap-2">
          <NativeSelect aria-label={t("models.fallbackOn")} className="w-48" value={fallback.on} onChange={(event) => set(index, { ...fallback, on: errorClasses.find((one) => one === event.target.value) ?? "any" })}>
            {errorClasses.map((one) => (
              <option key={one} value={one}>{t(`models.on.${one}`)}</option>
            ))}
          </NativeSelect>
          <Input aria-label={t("models.fallbackModel")} required list="fallback-models" className="w-48 font-mono text-xs" value={fallback.model} onChange={(event) => set(index, { ...fallback, model: event.target.value })} />
          {editable && (
            <>
              <Button variant="ghost" size="icon" aria-label={t("models.moveUp")} disabled={index === 0} onClick={() => move(index, -1)}>
                <ArrowUp />
              </Button>
              <Button variant="ghost" size="icon" aria-label={t("models.moveDown")} disabled={index === fallbacks.length - 1} onClick={() => move(index, 1)}>
                <ArrowDown />
              </Button>
              <Button variant="ghost" size="icon" aria-label={t("models.removeFallback")} onClick={() => onChange(fallbacks.filter((_, at) => at !== index))}>
                <X />
              </Button>
            </>
          )}
        </div>
      ))}
      <datalist id="fallback-models">
        {models.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {editable && fallbacks.length < 8 && (
        <Button variant="ghost" size="sm" className="self-start" onClick={() => onChange([...fallbacks, { on: "any", model: models[0] ?? "" }])}>
          <Plus />
          {t("models.addFallback")}
        </Button>
      )}
    </section>
  );
}

/** When a provider is passed over for a while. */
export function BreakerFields({ target, onChange }: { target: TargetDraft; onChange: (target: TargetDraft) => void }) {
  const t = useT();
  const set = (part: Partial<TargetDraft["breaker"]>) => onChange({ ...target, breaker: { ...target.breaker, ...part } });
  const { failures, failure_percent, window_ms, cooldown_ms } = target.breaker;
  const number = (label: string, value: number, min: number, max: number, put: (value: number) => void) => (
    <label className="flex flex-col gap-0.5 text-xs text-muted-foreground">
      {label}
      <Input type="number" className="w-24" min={min} max={max} value={value} onChange={(event) => put(event.target.valueAsNumber || min)} />
    </label>
  );
  return (
    <details className="col-span-full text-xs text-muted-foreground">
      <summary className="cursor-pointer">{failures === 0 ? t("models.breakerOff") : t("models.breakerSays", { failures, percent: failure_percent, seconds: cooldown_ms / 1_000 })}</summary>
      <div className="flex flex-wrap gap-3 pt-2">
        {number(t("models.breakerFailures"), failures, 0, 1_000, (value) => set({ failures: value }))}
        {number(t("models.breakerPercent"), failure_percent, 1, 100, (value) => set({ failure_percent: value }))}
        {number(t("models.breakerWindow"), window_ms / 1_000, 1, 3_600, (value) => set({ window_ms: value * 1_000 }))}
        {number(t("models.breakerCooldown"), cooldown_ms / 1_000, 1, 3_600, (value) => set({ cooldown_ms: value * 1_000 }))}
      </div>
    </details>
  );
}

/** How a provider is made to go on with what another has begun; asked for only where the model's streams are continued. */
export function ContinuesField({ target, onChange }: { target: TargetDraft; onChange: (target: TargetDraft) => void }) {
  const t = useT();
  return (
    <label className="col-span-full flex flex-wrap items-center gap-2 text-xs text-muted-foreground">
      {t("models.continues")}
      <NativeSelect className="w-72" value={target.continues} onChange={(event) => onChange({ ...target, continues: continuesWays.find((one) => one === event.target.value) ?? "auto" })}>
        {continuesWays.map((one) => (
          <option key={one} value={one}>{t(`models.continues.${one}`)}</option>
        ))}
      </NativeSelect>
    </label>
  );
}
