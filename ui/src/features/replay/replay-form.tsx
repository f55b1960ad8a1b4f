import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { ReplayPlan } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { formatCount, formatMoney } from "@/lib/format";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { draftOf, leftOutReasons, planWish, replayScopes, replayWish, toolRules, type ReplayDraft, type ReplayScope } from "./replay-draft";
import { ReplayEdits } from "./replay-edits";

interface ReplayFormProps {
  callId: string;
  first: ReplayScope;
  onClose: () => void;
}

/** Asks what is to be sent again, and says what that is and what it may cost before it is sent. */
export function ReplayForm({ callId, first, onClose }: ReplayFormProps) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<ReplayDraft>(() => draftOf(first));
  const change = (part: Partial<ReplayDraft>) => setDraft((before) => ({ ...before, ...part }));
  const plan = useQuery(queries.replayPlan(planWish(callId, draft)));
  const start = useMutation({
    mutationFn: (ready: ReplayPlan) => unwrap(client.POST("/api/replays", { body: replayWish(callId, draft, ready) })),
    onSuccess: async (replay) => {
      showToast("done", t("replay.started"));
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["replays"] });
      void navigate(urls.trace(replay.trace_id));
    },
  });
  const ready = plan.error === null && !plan.isPlaceholderData ? plan.data : undefined;
  return (
    <form
      className="flex max-h-[86vh] flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready !== undefined) start.mutate(ready);
      }}
    >
      <div className="flex min-h-0 flex-col gap-4 overflow-y-auto p-5">
        <h2 className="font-semibold">{t("replay.title")}</h2>
        <ScopeChoice scope={draft.scope} onChange={(scope) => change({ scope })} />
        <ModelAndKey draft={draft} plan={plan.data} onChange={change} />
        <ReplayEdits draft={draft} plan={plan.data} onChange={change} />
        {draft.scope !== "call" && (
          <Field label={t("replay.tools")} hint={t("replay.toolsHint")}>
            {(props) => (
              <NativeSelect {...props} className="max-w-full" value={draft.tools} onChange={(event) => change({ tools: toolRules.find((one) => one === event.target.value) ?? "stop" })}>
                {toolRules.map((one) => <option key={one} value={one}>{t(`replay.tools.${one}`)}</option>)}
              </NativeSelect>
            )}
          </Field>
        )}
        <Field label={t("replay.maxCost")} hint={t("replay.maxCostHint")}>
          {(props) => <Input {...props} className="w-36" inputMode="decimal" pattern="[0-9]*\.?[0-9]+" placeholder="0.50" value={draft.maxCost} onChange={(event) => change({ maxCost: event.target.value })} />}
        </Field>
      </div>
      <div className="flex flex-col gap-3 border-t bg-sunken px-5 py-3">
        <PlanSummary plan={plan.data} error={plan.error} waiting={plan.isPending || plan.isPlaceholderData} />
        {start.error !== null && <p role="alert" className="text-sm wrap-any text-bad">{errorSentence(start.error, t)}</p>}
        <div className="flex gap-2">
          <Button type="submit" disabled={ready?.model_exists !== true || start.isPending}>{t(start.isPending ? "replay.starting" : "replay.start")}</Button>
          <Button variant="ghost" onClick={onClose}>{t("common.cancel")}</Button>
        </div>
      </div>
    </form>
  );
}

function ScopeChoice({ scope, onChange }: { scope: ReplayScope; onChange: (scope: ReplayScope) => void }) {
  const t = useT();
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">{t("replay.scope")}</legend>
      <div className="flex flex-wrap gap-1">
        {replayScopes.map((one) => (
          <label key={one} className={cn("flex h-8 cursor-pointer items-center rounded-md border px-3 text-sm has-focus-visible:outline-2 has-focus-visible:outline-(--ring)", scope === one ? "border-(--ring) bg-selected font-medium" : "border-input hover:bg-hover")}>
            <input type="radio" name="replay-scope" className="sr-only" checked={scope === one} onChange={() => onChange(one)} />
            {t(`replay.scope.${one}`)}
          </label>
        ))}
      </div>
      <p className="text-xs text-muted-foreground">{t(`replay.scopeHint.${scope}`)}</p>
    </fieldset>
  );
}

interface ModelAndKeyProps {
  draft: ReplayDraft;
  plan: ReplayPlan | undefined;
  onChange: (part: Partial<ReplayDraft>) => void;
}

function ModelAndKey({ draft, plan, onChange }: ModelAndKeyProps) {
  const t = useT();
  const me = useMe();
  const models = useQuery(queries.models());
  const keys = useQuery(queries.keys());
  // A pattern is no name that could be sent.
  const names = (models.data?.items ?? []).map((one) => one.model).filter((name) => !name.includes("*"));
  const recorded = draft.model === "" ? (plan?.model ?? "") : "";
  const shown = [...new Set([...(recorded === "" ? [] : [recorded]), ...names])].sort();
  const usable = (keys.data?.items ?? []).filter((one) => one.is_active && one.user_id === me.id);
  const value = draft.model === "" ? recorded : draft.model;
  const missing = plan !== undefined && !plan.model_exists && plan.model === value;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t("replay.model")} hint={t("replay.modelHint")} error={missing ? t("replay.modelMissing") : undefined}>
        {(props) => (
          <NativeSelect {...props} value={value} onChange={(event) => onChange({ model: event.target.value })}>
            {shown.map((name) => <option key={name} value={name}>{name}</option>)}
          </NativeSelect>
        )}
      </Field>
      <Field label={t("replay.key")} hint={t("replay.keyHint")}>
        {(props) => (
          <NativeSelect {...props} value={draft.keyId} onChange={(event) => onChange({ keyId: event.target.value })}>
            <option value="">{t("replay.keyNone")}</option>
            {usable.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </NativeSelect>
        )}
      </Field>
    </div>
  );
}

/** What would be sent and what it may cost, or why nothing can be. */
function PlanSummary({ plan, error, waiting }: { plan: ReplayPlan | undefined; error: Error | null; waiting: boolean }) {
  const t = useT();
  if (error !== null) return <p role="alert" className="text-sm wrap-any text-bad">{errorSentence(error, t)}</p>;
  if (plan === undefined) return <p className="animate-breathe text-sm text-muted-foreground">{t("replay.planning")}</p>;
  const cost = plan.estimated_cost;
  const count = plan.calls.length;
  return (
    <div role="status" className={cn("flex flex-col gap-1 text-sm", waiting && "animate-breathe")}>
      <p>
        <span className="font-semibold">{t(count === 1 ? "replay.callsOne" : "replay.calls", { n: formatCount(count) })}</span>
        <span className="text-muted-foreground">, </span>
        {cost === null || cost === undefined ? t("replay.estimateUnknown") : t("replay.estimate", { cost: formatMoney(cost) })}
      </p>
      <p className="text-xs text-muted-foreground">{t("replay.estimateBasis", { input: formatCount(plan.input_tokens), output: formatCount(plan.output_tokens) })}</p>
      {leftOutReasons(plan).map(({ reason, count: left }) => (
        <p key={reason} className="text-xs text-warn">{t(left === 1 ? "replay.leftOutOne" : "replay.leftOut", { n: left, reason })}</p>
      ))}
      {plan.truncated && <p className="text-xs text-warn">{t("replay.truncated")}</p>}
      {plan.redactions > 0 && <p className="text-xs text-warn">{t("replay.redactions", { n: plan.redactions })}</p>}
    </div>
  );
}
