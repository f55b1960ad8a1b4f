import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { kinds, scopes, windowsOf, type Kind, type Scope, type Window } from "./budget-state";

const empty = { name: "", scope: "team" as Scope, subject: "", kind: "spend" as Kind, window: "month" as Window, amount: "", shadow: false };

/** Making a limit; for the team's owners. */
export function BudgetForm({ teamId }: { teamId: string }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(empty);
  const windows = windowsOf(draft.kind, draft.scope);
  // A change of what is counted may leave the chosen window behind.
  const window = windows.find((one) => one === draft.window) ?? windows[0] ?? "total";
  const change = (part: Partial<typeof empty>) => setDraft((before) => ({ ...before, ...part }));
  const make = useMutation({
    mutationFn: () => {
      const subject = draft.scope === "team" || draft.subject.trim() === "" ? {} : { subject: draft.subject.trim() };
      const body = { name: draft.name.trim(), scope: draft.scope, kind: draft.kind, window, amount: draft.amount.trim(), shadow: draft.shadow, ...subject };
      return unwrap(client.POST("/api/budgets", { params: { query: { team_id: teamId } }, body }));
    },
    onSuccess: () => {
      setDraft(empty);
      return queryClient.invalidateQueries({ queryKey: ["budgets", teamId] });
    },
  });
  return (
    <form
      className="flex max-w-xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <h2 className="text-sm font-semibold">{t("budgets.new")}</h2>
      <Field label={t("common.name")} error={make.error === null ? undefined : errorSentence(make.error, t)}>
        {(props) => <Input {...props} required maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("budgets.whose")}>
          {(props) => (
            <NativeSelect {...props} value={draft.scope} onChange={(event) => change({ scope: scopes.find((one) => one === event.target.value) ?? "team" })}>
              {scopes.map((one) => <option key={one} value={one}>{t(`budgets.scope.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("budgets.kind")}>
          {(props) => (
            <NativeSelect {...props} value={draft.kind} onChange={(event) => change({ kind: kinds.find((one) => one === event.target.value) ?? "spend" })}>
              {kinds.map((one) => <option key={one} value={one}>{t(`budgets.kind.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("budgets.amount")} hint={t(draft.kind === "spend" ? "budgets.amountSpend" : "budgets.amountCount")}>
          {(props) => <Input {...props} required inputMode="decimal" pattern={draft.kind === "spend" ? "\\d+(\\.\\d+)?" : "\\d+"} value={draft.amount} onChange={(event) => change({ amount: event.target.value })} />}
        </Field>
        <Field label={t("budgets.window")}>
          {(props) => (
            <NativeSelect {...props} value={window} onChange={(event) => change({ window: windows.find((one) => one === event.target.value) ?? window })}>
              {windows.map((one) => <option key={one} value={one}>{t(`budgets.window.${one}`)}</option>)}
            </NativeSelect>
          )}
        </Field>
      </div>
      {draft.scope !== "team" && (
        <Field label={t("budgets.subject")} hint={t("budgets.subjectHint")}>
          {(props) => <Input {...props} maxLength={200} value={draft.subject} onChange={(event) => change({ subject: event.target.value })} />}
        </Field>
      )}
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={draft.shadow} onChange={(event) => change({ shadow: event.target.checked })} />
        {t("budgets.shadow")}
      </label>
      <Button type="submit" variant="outline" className="self-start" disabled={make.isPending}>{t("budgets.make")}</Button>
    </form>
  );
}
