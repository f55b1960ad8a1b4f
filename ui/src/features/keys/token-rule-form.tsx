import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import type { TokenIssuer } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";

interface Draft {
  issuer: string;
  claim: string;
  value: string;
  keyId: string;
  position: string;
}

const usualPosition = "100";

/** Making a rule; for administrators. */
export function TokenRuleForm({ teamId, issuers }: { teamId: string; issuers: readonly TokenIssuer[] }) {
  const t = useT();
  const queryClient = useQueryClient();
  const keys = useQuery(queries.keys()).data?.items ?? [];
  const empty: Draft = { issuer: issuers[0]?.issuer ?? "", claim: "", value: "", keyId: "", position: usualPosition };
  const [draft, setDraft] = useState(empty);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const make = useMutation({
    mutationFn: () => unwrap(client.POST("/api/token-rules", { params: { query: { team_id: teamId } }, body: { issuer: draft.issuer, claim: draft.claim, value: draft.value, key_id: draft.keyId, position: Number(draft.position) } })),
    onSuccess: () => {
      setDraft(empty);
      return queryClient.invalidateQueries({ queryKey: ["token-rules", teamId] });
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
      <h3 className="text-sm font-semibold">{t("tokens.new")}</h3>
      <Field label={t("tokens.issuer")}>
        {(props) => (
          <NativeSelect {...props} value={draft.issuer} onChange={(event) => change({ issuer: event.target.value })}>
            {issuers.map((one) => <option key={one.issuer} value={one.issuer}>{one.issuer}</option>)}
          </NativeSelect>
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label={t("tokens.claim")} hint={t("tokens.claimHint")}>
          {(props) => <Input {...props} required maxLength={200} value={draft.claim} onChange={(event) => change({ claim: event.target.value })} />}
        </Field>
        <Field label={t("tokens.value")} hint={t("tokens.valueHint")}>
          {(props) => <Input {...props} required maxLength={500} value={draft.value} onChange={(event) => change({ value: event.target.value })} />}
        </Field>
        <Field label={t("tokens.key")} error={make.error === null ? undefined : errorSentence(make.error, t)}>
          {(props) => (
            <NativeSelect {...props} required value={draft.keyId} onChange={(event) => change({ keyId: event.target.value })}>
              <option value="" />
              {keys.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </NativeSelect>
          )}
        </Field>
        <Field label={t("tokens.position")} hint={t("tokens.positionHint")}>
          {(props) => <Input {...props} required type="number" min={0} max={10_000} value={draft.position} onChange={(event) => change({ position: event.target.value })} />}
        </Field>
      </div>
      <Button type="submit" variant="outline" className="self-start" disabled={make.isPending}>{t("tokens.make")}</Button>
    </form>
  );
}
