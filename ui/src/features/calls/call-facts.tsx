import type { ReactNode } from "react";
import { Link } from "react-router";
import type { CallAttempt, CallDetail, GuardrailOutcome } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { FoundMark } from "@/components/found-mark";
import { Bytes, Count, DateTime, Duration } from "@/components/numbers";
import { detectors } from "@/features/guardrails/guardrail-draft";
import { useT, type MessageKey } from "@/i18n/i18n";
import { formatMoney, millis, shortId } from "@/lib/format";
import { isHinted } from "@/lib/found";
import { callsUrl, urls } from "@/lib/urls";

/** Who made the call, where each fact comes from, and every try at a provider. */
export function CallFacts({ call }: { call: CallDetail }) {
  const t = useT();
  const sources = call.identity.sources as Record<string, string | undefined>;
  const found = { source: sources.agent ?? "none", rule: call.identity.agent_rule ?? "", reason: "", confidence: call.identity.agent_confidence / 100 };
  const foundRun = { source: call.identity.trace_source, rule: call.identity.run_rule ?? "", reason: "", confidence: call.identity.run_confidence / 100 };
  return (
    <div className="pb-8">
      {call.attempts.length > 0 && <Attempts attempts={call.attempts} />}
      <dl className="grid grid-cols-[120px_minmax(0,1fr)] gap-x-3 px-4 py-3 text-sm">
        <Fact label={t("calls.agent")} source={sources.agent}>
          {call.agent !== null && call.agent !== undefined && (
            <FoundMark found={found} field="agent">
              <Link to={callsUrl({ agent: call.agent })} className="hover:underline">
                <AgentChip name={call.agent} inferred={isHinted(found)} />
              </Link>
            </FoundMark>
          )}
        </Fact>
        <Fact label={t("calls.crew")} source={sources.crew}>{call.crew}</Fact>
        <Fact label={t("calls.task")} source={sources.task}>{call.task}</Fact>
        <Fact label={t("calls.session")} source={sources.session}>{call.session_id}</Fact>
        <Fact label={t("calls.run")} source={sources.execution}>{call.execution_id}</Fact>
        <Fact label={t("call.endUser")} source={sources.end_user}>{call.end_user}</Fact>
        <Fact label={t("call.application")} source={sources.application}>{call.application}</Fact>
        <Fact label={t("call.framework")} source={sources.framework}>{call.framework}</Fact>
        <Fact label={t("call.tags")} source={sources.tags}>{call.tags.join(", ")}</Fact>
        <Fact label={t("calls.key")}>
          {call.key_id !== null && call.key_id !== undefined && (
            <Link to={urls.key(call.key_id)} className="font-mono text-xs text-link hover:underline">{shortId(call.key_id)}</Link>
          )}
        </Fact>
        <Fact label={t("call.tokenSubject")}>
          {call.token_issuer != null && (
            <>
              {call.token_subject != null && (
                <Link to={callsUrl({ token_subject: call.token_subject, token_issuer: call.token_issuer })} className="text-link hover:underline">{call.token_subject}</Link>
              )}{" "}
              <span className="text-xs text-muted-foreground">{t("call.tokenBy", { issuer: call.token_issuer })}</span>
            </>
          )}
        </Fact>
        <Fact label={t("calls.trace")} source={sources.trace}>
          <FoundMark found={foundRun} field="run">
            <Link to={urls.trace(call.trace_id, call.span_id)} className="font-mono text-xs text-link hover:underline">{call.trace_id}</Link>
          </FoundMark>
        </Fact>
        <Fact label={t("call.operation")}>{call.operation}</Fact>
        <Fact label={t("call.passed")}>{call.passed != null && <code className="text-xs wrap-any">{call.passed}</code>}</Fact>
        <Fact label={t("call.dropped")}>{call.dropped_fields.length > 0 && <span className="font-mono text-xs wrap-any">{call.dropped_fields.join(", ")}</span>}</Fact>
        <Fact label={t("call.units")}>{call.units.map((unit) => `${unit.count} ${unit.meter}${unit.variant === "" ? "" : ` (${unit.variant})`}`).join(", ")}</Fact>
        <Fact label={t("call.responseModel")}>{call.response_model}</Fact>
        <Fact label={t("call.finish")}>{call.finish_reason}</Fact>
        <Fact label={t("call.tokensFrom")}>{t(`call.source.${call.usage_source}`)}</Fact>
        <Fact label={t("call.bytes")}>
          <Bytes bytes={call.request_bytes} /> → <Bytes bytes={call.response_bytes} />
        </Fact>
        <Fact label={t("calls.time")}><DateTime at={call.started_at} /></Fact>
        <Fact label={t("call.recording")}>{t(`policy.recording.${call.recording}`)}</Fact>
        <Fact label={t("call.redactions")}>{call.redactions > 0 && <Count value={call.redactions} />}</Fact>
        <Fact label={t("call.cacheOutcome")}>
          {isOutcome(call.cache) && (
            <>
              {t(`call.cacheOutcome.${call.cache}`)}
              {call.cost_saved != null && <>, {t("call.saved", { amount: formatMoney(call.cost_saved) })}</>}
            </>
          )}
        </Fact>
        <Fact label={t("guard.did")}>
          {call.guardrails.length > 0 && (
            <ul>
              {call.guardrails.map((did) => (
                <li key={`${did.name} ${did.stage}`}>
                  {did.name}: {t(didWhat(did))} {t(didWhere(did))}, {isFinding(did.what) ? t(`guard.what.${did.what}`) : did.what} × <Count value={did.count} />
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label={t("hooks.did")}>
          {call.hooks.length > 0 && (
            <ul>
              {call.hooks.map((did) => (
                <li key={`${did.name} ${did.act} ${did.detail}`}>
                  {did.name}: {t(hookDid(did))}
                  {did.detail !== "" && `, ${did.detail}`}
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label={t("call.node")}>{call.node}</Fact>
      </dl>
    </div>
  );
}

const outcomes = ["hit", "miss", "bypass"] as const;

function isOutcome(text: string | null | undefined): text is (typeof outcomes)[number] {
  return outcomes.some((one) => one === text);
}

const findings = [...detectors, "pattern", "phrase", "schema", "unavailable", "too_long"] as const;

function isFinding(text: string): text is (typeof findings)[number] {
  return findings.some((one) => one === text);
}

function didWhat({ action }: GuardrailOutcome): MessageKey {
  return action === "block" ? "guard.did.block" : action === "mask" ? "guard.did.mask" : "guard.did.flag";
}

function hookDid({ act }: { act: string }): MessageKey {
  return act === "tag" ? "hooks.act.tag" : act === "mask" ? "hooks.act.mask" : act === "reject" ? "hooks.act.reject" : "hooks.act.webhook";
}

function didWhere({ stage }: GuardrailOutcome): MessageKey {
  return stage === "before" ? "guard.did.before" : "guard.did.after";
}

function Fact({ label, source, children }: { label: string; source?: string | undefined; children: ReactNode }) {
  const t = useT();
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <>
      <dt className="py-1 text-muted-foreground">{label}</dt>
      <dd className="flex min-w-0 flex-wrap items-baseline gap-x-3 py-1 wrap-any">
        <span className="min-w-0">{children}</span>
        {source !== undefined && source !== "none" && <span className="text-xs text-faint">{t("call.provenance", { source })}</span>}
      </dd>
    </>
  );
}

function Attempts({ attempts }: { attempts: readonly CallAttempt[] }) {
  const t = useT();
  return (
    <table className="w-full text-sm">
      <thead className="text-left text-xs text-muted-foreground">
        <tr className="h-8 border-b">
          <th className="pl-4 font-normal">{t("call.attempts")}</th>
          <th className="font-normal">{t("call.reason")}</th>
          <th className="text-right font-normal">{t("call.firstByte")}</th>
          <th className="text-right font-normal">{t("call.total")}</th>
          <th className="pr-4 pl-4 font-normal">{t("common.status")}</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.span_id} className="h-8 border-b align-baseline">
            <td className="pl-4">
              {attempt.provider} <span className="text-muted-foreground">{attempt.upstream_model}</span>
              {attempt.error_message !== null && attempt.error_message !== undefined && <span className="block text-xs text-bad">{attempt.error_message}</span>}
            </td>
            <td className="text-muted-foreground">
              <AttemptReason attempt={attempt} />
            </td>
            <td className="text-right"><Duration ms={millis(attempt.first_byte_us)} /></td>
            <td className="text-right"><Duration ms={attempt.duration_us / 1_000} /></td>
            <td className="pr-4 pl-4"><AttemptStatus attempt={attempt} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const reasons: Record<string, MessageKey> = {
  "route:first": "call.why.first",
  sticky: "call.why.sticky",
  fallback: "call.why.fallback",
  retry: "call.why.retry",
  probe: "call.why.probe",
  last_resort: "call.why.lastResort",
  hedge: "call.why.hedge",
  continuation: "call.why.continuation",
};

/** Why this one was asked; what else there was stands under it. */
function AttemptReason({ attempt }: { attempt: CallAttempt }) {
  const t = useT();
  const reason = attempt.reason ?? "";
  const known = reasons[reason];
  const from = reason.startsWith("model_fallback:") ? reason.slice("model_fallback:".length) : null;
  return (
    <>
      {known !== undefined ? t(known) : from !== null ? t("call.why.model", { error: from }) : reason}
      {attempt.considered !== null && attempt.considered !== undefined && (
        <span className="block max-w-80 text-xs wrap-any text-faint">
          {attempt.strategy}: {attempt.considered}
        </span>
      )}
    </>
  );
}

function AttemptStatus({ attempt }: { attempt: CallAttempt }) {
  const t = useT();
  if (attempt.status === "completed") return <span className="text-muted-foreground tabular-nums">{attempt.http_status ?? t("status.ok")}</span>;
  const label = attempt.status === "cancelled" ? t("status.cancelled") : (attempt.error_code ?? t("status.upstream_error"));
  return (
    <span className="font-medium text-bad">
      {label} {attempt.http_status}
    </span>
  );
}
