import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { AgentCorrection } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { formatCount } from "@/lib/format";
import { ApiError } from "@/lib/problem";
import { showToast } from "@/lib/toasts";
import { cn } from "@/lib/utils";
import { correctionKinds, correctionOf, makeCorrection, standsInTheWay, type CorrectionDraft, type CorrectionKind, type Part, type Subject, type Target } from "./correction";
import { PartChoice } from "./part-choice";

interface CorrectDialogProps {
  /** Null: closed. */
  kind: CorrectionKind | null;
  subject: Subject;
  targets: readonly Target[];
  /** Conversations of this run that can be split off; prompts are asked for. */
  conversations: readonly Part[];
  /** The part that is meant, when the dialog was opened from a call. */
  meant?: string | undefined;
  onClose: () => void;
}

/** Corrects who an agent is. Says what it will change before it changes it. */
export function CorrectDialog({ kind, subject, ...rest }: CorrectDialogProps) {
  const t = useT();
  return (
    <Dialog open={kind !== null} onClose={rest.onClose} label={t("correct.title", { name: subject.name ?? t("tree.unnamed") })}>
      {kind !== null && <CorrectForm first={kind} subject={subject} {...rest} />}
    </Dialog>
  );
}

function CorrectForm({ first, subject, targets, conversations, meant, onClose }: Omit<CorrectDialogProps, "kind"> & { first: CorrectionKind }) {
  const t = useT();
  const queryClient = useQueryClient();
  const use = useQuery({ ...queries.agentUse(subject.fingerprint), retry: false });
  const others = targets.filter((one) => one.key !== subject.key);
  const [draft, setDraft] = useState<CorrectionDraft>({ kind: first, name: first === "rename" ? (subject.name ?? "") : "", into: others[0]?.key ?? "", part: meant ?? "" });
  const change = (part: Partial<CorrectionDraft>) => setDraft((before) => ({ ...before, ...part }));
  const prompts = (use.data?.prompts ?? []).map((one): Part => ({ by: "prompt", id: one.prompt, label: one.prompt }));
  // One prompt for all its calls sets nothing apart.
  const parts = [...(prompts.length > 1 ? prompts : []), ...conversations];
  const next = correctionOf(draft, subject, others, parts);
  const before = next === null ? undefined : standsInTheWay(use.data?.corrections ?? [], next);
  const make = useMutation({
    mutationFn: () => (next === null ? Promise.resolve() : makeCorrection(next, before)),
    onSuccess: async () => {
      showToast("done", t("correct.done"));
      onClose();
      // Names and sums of past calls change on every page.
      await queryClient.invalidateQueries();
    },
  });
  return (
    <form
      className="flex max-h-[80vh] flex-col gap-4 overflow-y-auto p-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (next !== null) make.mutate();
      }}
    >
      <h2 className="font-semibold wrap-any">{t("correct.title", { name: subject.name ?? t("tree.unnamed") })}</h2>
      <KindChoice kind={draft.kind} onChange={(kind) => change({ kind, name: kind === "rename" ? (subject.name ?? "") : "" })} />
      {draft.kind === "merge" && <MergeField others={others} into={draft.into} onChange={(into) => change({ into })} />}
      {draft.kind === "split" && <PartChoice parts={parts} prompts={use.data?.prompts ?? []} loading={use.isPending} value={draft.part} onChange={(part) => change({ part })} />}
      {draft.kind !== "merge" && (draft.kind === "rename" || parts.length > 0) && (
        <Field label={t(draft.kind === "split" ? "correct.splitName" : "correct.newName")}>
          {(props) => <Input {...props} autoFocus={draft.kind === "rename"} required maxLength={128} value={draft.name} onChange={(event) => change({ name: event.target.value })} />}
        </Field>
      )}
      <div className="flex flex-col gap-1 rounded-md bg-sunken px-3 py-2 text-sm">
        <p>{t(`correct.effect.${draft.kind}`)}</p>
        <Reach use={use.data} pending={use.isPending} error={use.error} />
        {before !== undefined && <p>{t("correct.replaces", { earlier: correctionSentence(before, t) })}</p>}
        <p className="text-muted-foreground">{t("correct.claimsOnly")}</p>
      </div>
      {make.error !== null && <p role="alert" className="text-sm wrap-any text-bad">{errorSentence(make.error, t)}</p>}
      <div className="flex gap-2">
        <Button type="submit" disabled={next === null || make.isPending || use.isPending}>{t(`correct.do.${draft.kind}`)}</Button>
        <Button variant="ghost" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}

function KindChoice({ kind, onChange }: { kind: CorrectionKind; onChange: (kind: CorrectionKind) => void }) {
  const t = useT();
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{t("correct.what")}</legend>
      {correctionKinds.map((one) => (
        <label key={one} className={cn("flex h-8 cursor-pointer items-center rounded-md border px-3 text-sm has-focus-visible:outline-2 has-focus-visible:outline-(--ring)", kind === one ? "border-(--ring) bg-selected font-medium" : "border-input hover:bg-hover")}>
          <input type="radio" name="correction" className="sr-only" checked={kind === one} onChange={() => onChange(one)} />
          {t(`correct.kind.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}

function MergeField({ others, into, onChange }: { others: readonly Target[]; into: string; onChange: (into: string) => void }) {
  const t = useT();
  if (others.length === 0) return <p className="text-sm text-muted-foreground">{t("correct.nobodyElse")}</p>;
  return (
    <Field label={t("correct.into")}>
      {(props) => (
        <NativeSelect {...props} value={into} onChange={(event) => onChange(event.target.value)}>
          {others.map((one) => <option key={one.key} value={one.key}>{one.name}</option>)}
        </NativeSelect>
      )}
    </Field>
  );
}

/** How much of the past a correction touches. */
function Reach({ use, pending, error }: { use: { calls: number; traces: number } | undefined; pending: boolean; error: Error | null }) {
  const t = useT();
  if (pending) return <p className="animate-breathe text-muted-foreground">{t("correct.counting")}</p>;
  if (error instanceof ApiError && error.status === 404) return <p>{t("correct.reachNone")}</p>;
  if (use === undefined) return <p className="text-muted-foreground">{t("correct.reachUnknown")}</p>;
  return <p>{t("correct.reach", { calls: formatCount(use.calls), runs: formatCount(use.traces) })}</p>;
}

/** A correction in one sentence. */
export function correctionSentence(one: AgentCorrection, t: ReturnType<typeof useT>): string {
  const from = one.from_name === "" ? t("tree.unnamed") : one.from_name;
  return t(`correct.sentence.${one.kind}`, { from, name: one.name });
}
