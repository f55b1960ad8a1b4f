import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries, type Versioned } from "@/api/queries";
import type { Budget } from "@/api/types";
import { SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { ApiError } from "@/lib/problem";
import { showToast } from "@/lib/toasts";
import { bodyOf, countsAnew, draftOf } from "./budget-draft";
import { BudgetFields } from "./budget-fields";

interface BudgetEditProps {
  id: string;
  teamId: string;
  onClose: () => void;
}

/** Changing a limit where it stands. It is read again first, so that what is changed is what is there now. */
export function BudgetEdit({ id, teamId, onClose }: BudgetEditProps) {
  const t = useT();
  const query = useQuery(queries.budget(teamId, id));
  const [attempt, setAttempt] = useState(0);
  if (query.data === undefined || query.isFetching) {
    if (query.error === null) return <SkeletonRows rows={2} height={44} />;
    return (
      <p role="alert" className="flex items-center gap-3 py-2 text-sm text-bad">
        {errorSentence(query.error, t)}
        <Button variant="ghost" size="sm" onClick={onClose}>{t("common.cancel")}</Button>
      </p>
    );
  }
  const readAgain = () => {
    setAttempt(attempt + 1);
    void query.refetch();
  };
  return <EditForm key={attempt} read={query.data} teamId={teamId} onClose={onClose} onReadAgain={readAgain} />;
}

function EditForm({ read, teamId, onClose, onReadAgain }: { read: Versioned<Budget>; teamId: string; onClose: () => void; onReadAgain: () => void }) {
  const t = useT();
  const queryClient = useQueryClient();
  const { resource: budget, version } = read;
  const [draft, setDraft] = useState(() => draftOf(budget));
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        client.PUT("/api/budgets/{id}", {
          params: { path: { id: budget.id }, query: { team_id: teamId } },
          body: { ...bodyOf(draft), is_active: budget.is_active },
          // Somebody else's change in between is not written over.
          ...(version === null ? {} : { headers: { "If-Match": version } }),
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["budgets", teamId] });
      showToast("done", t("common.saved"));
      onClose();
    },
  });
  const outdated = save.error instanceof ApiError && save.error.status === 412;
  return (
    <form
      aria-label={t("budgets.editOf", { name: budget.name })}
      className="flex max-w-xl flex-col gap-3 py-3 text-left"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <BudgetFields autoFocus draft={draft} onChange={(part) => setDraft((before) => ({ ...before, ...part }))} error={save.error === null || outdated ? undefined : errorSentence(save.error, t)} />
      {countsAnew(budget, draft) && <p className="text-xs text-warn">{t("budgets.countsAnew")}</p>}
      {outdated && (
        <p role="alert" className="text-sm text-bad">
          {t("budgets.outdated")}{" "}
          <Button variant="link" size="sm" onClick={onReadAgain}>{t("budgets.readAgain")}</Button>
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" disabled={save.isPending || outdated}>{t("common.save")}</Button>
        <Button variant="ghost" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
