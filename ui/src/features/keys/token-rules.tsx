import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { TokenIssuer, TokenRule } from "@/api/types";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { TokenRuleForm } from "./token-rule-form";

/** Tokens of other issuers that act as this team's keys. Nothing where the installation takes none. */
export function TokenRules() {
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  return canAdminister(me, team) ? <OfTeam key={team} teamId={team} /> : null;
}

function OfTeam({ teamId }: { teamId: string }) {
  const issuers = useQuery(queries.tokenIssuers(teamId));
  const rules = useQuery(queries.tokenRules(teamId));
  if (issuers.data === undefined || rules.data === undefined) {
    const error = issuers.error ?? rules.error;
    return error === null ? null : <ErrorState error={error} onRetry={() => void Promise.all([issuers.refetch(), rules.refetch()])} />;
  }
  if (issuers.data.items.length === 0 && rules.data.items.length === 0) return null;
  return <Section teamId={teamId} issuers={issuers.data.items} rules={rules.data.items} />;
}

function Section({ teamId, issuers, rules }: { teamId: string; issuers: readonly TokenIssuer[]; rules: readonly TokenRule[] }) {
  const t = useT();
  const me = useMe();
  return (
    // Many rules scroll by themselves: the keys above them stay in sight.
    <section aria-labelledby="token-rules" className="max-h-[65%] shrink-0 overflow-y-auto border-t px-4 py-5">
      <div className="flex max-w-4xl flex-col gap-4">
        <div>
          <h2 id="token-rules" className="text-sm font-semibold">{t("tokens.title")}</h2>
          <p className="mt-1 text-sm text-muted-foreground">{t("tokens.about")}</p>
        </div>
        {rules.length === 0 ? <p className="text-sm text-muted-foreground">{t("tokens.none")}</p> : <RuleTable teamId={teamId} rules={rules} />}
        {me.role !== "admin" ? <p className="text-xs text-muted-foreground">{t("tokens.onlyAdmins")}</p> : issuers.length > 0 && <TokenRuleForm teamId={teamId} issuers={issuers} />}
      </div>
    </section>
  );
}

function RuleTable({ teamId, rules }: { teamId: string; rules: readonly TokenRule[] }) {
  const t = useT();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">{t("tokens.title")}</caption>
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pr-4 font-normal">{t("tokens.claim")}</th>
            <th className="pr-4 font-normal">{t("tokens.key")}</th>
            <th className="pr-4 font-normal max-md:hidden">{t("tokens.issuer")}</th>
            <th className="pr-4 text-right font-normal">{t("tokens.position")}</th>
            <th><span className="sr-only">{t("tokens.remove")}</span></th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => <RuleRow key={rule.id} teamId={teamId} rule={rule} />)}
        </tbody>
      </table>
    </div>
  );
}

function RuleRow({ teamId, rule }: { teamId: string; rule: TokenRule }) {
  const t = useT();
  const queryClient = useQueryClient();
  // Whoever came in by it is out: asked twice, in place.
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/token-rules/{id}", { params: { path: { id: rule.id }, query: { team_id: teamId } } })),
    onError: (error: Error) => showToast("failed", errorSentence(error, t)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["token-rules", teamId] }),
  });
  const when = t("tokens.when", { claim: rule.claim, value: rule.value });
  return (
    <tr className="h-11 border-b">
      <td className="pr-4 font-mono text-xs wrap-any">{when}</td>
      <td className="pr-4 font-medium wrap-any">{rule.key_name}</td>
      <td className="pr-4 text-muted-foreground wrap-any max-md:hidden">{rule.issuer}</td>
      <td className="pr-4 text-right text-muted-foreground tabular-nums">{rule.position}</td>
      <td className="text-right whitespace-nowrap">
        <Button variant="ghost" size="sm" disabled={remove.isPending} aria-label={t(sure ? "tokens.removeSureOf" : "tokens.removeOf", { rule: when })} onBlur={() => setSure(false)} onClick={() => (sure ? remove.mutate() : setSure(true))}>
          {t(sure ? "tokens.removeSure" : "tokens.remove")}
        </Button>
      </td>
    </tr>
  );
}
