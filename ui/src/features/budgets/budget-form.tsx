import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { bodyOf, emptyDraft } from "./budget-draft";
import { BudgetFields } from "./budget-fields";

/** Making a limit; for the team's owners. */
export function BudgetForm({ teamId }: { teamId: string }) {
  const t = useT();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(emptyDraft);
  const make = useMutation({
    mutationFn: () => unwrap(client.POST("/api/budgets", { params: { query: { team_id: teamId } }, body: bodyOf(draft) })),
    onSuccess: () => {
      setDraft(emptyDraft);
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
      <BudgetFields draft={draft} onChange={(part) => setDraft((before) => ({ ...before, ...part }))} error={make.error === null ? undefined : errorSentence(make.error, t)} />
      <Button type="submit" variant="outline" className="self-start" disabled={make.isPending}>{t("budgets.make")}</Button>
    </form>
  );
}
