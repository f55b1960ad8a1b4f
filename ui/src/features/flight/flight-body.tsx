import { useState } from "react";
import { Link } from "react-router";
import { useCallText, type CallText } from "@/api/call-text";
import type { FlyingCall } from "@/api/in-flight";
import { AgentChip } from "@/components/agent-chip";
import { Clock, Count, Duration } from "@/components/numbers";
import { RunawayBadge } from "@/components/runaway-badge";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { millis, shortId } from "@/lib/format";
import { urls } from "@/lib/urls";
import { Elapsed } from "./elapsed";
import { FlightStatus } from "./flight-status";
import { KillCallButton } from "./kill-call";

/** One call while it runs: how far it is, its text as it comes when asked for, and the way to end it. */
export function FlightBody({ row, skewMs }: { row: FlyingCall; skewMs: number }) {
  const t = useT();
  const { call, ended } = row;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-8 gap-y-3 border-b px-4 py-3">
        <dl className="flex flex-1 flex-wrap gap-x-8 gap-y-2 text-sm">
          <Fact label={t("common.status")}><FlightStatus row={row} /></Fact>
          <Fact label={t("calls.duration")}><Elapsed startedAt={call.started_at} skewMs={skewMs} running={ended === null} endMs={ended?.atMs} /></Fact>
          <Fact label={t("call.firstToken")}><Duration ms={millis(call.first_token_us)} /></Fact>
          <Fact label={t("flight.tokensSoFar")}><Count value={call.output_tokens} /></Fact>
        </dl>
        {ended === null && <KillCallButton callId={call.call_id} />}
      </div>
      <StreamedText callId={call.call_id} live={ended === null} streams={call.stream} />
      <dl className="grid grid-cols-[120px_minmax(0,1fr)] gap-x-3 px-4 py-3 text-sm [&>dd]:py-1 [&>dt]:py-1 [&>dt]:text-muted-foreground">
        <dt>{t("calls.agent")}</dt>
        <dd><AgentChip name={call.agent} /></dd>
        <Row label={t("calls.crew")} value={call.crew} />
        <Row label={t("calls.task")} value={call.task} />
        <Row label={t("calls.session")} value={call.session_id} />
        <Row label={t("call.tokenSubject")} value={call.token_subject} />
        <Row label={t("call.tokenIssuer")} value={call.token_issuer} />
        <Row label={t("calls.model")} value={call.requested_model} />
        <Row label={t("calls.provider")} value={call.provider} />
        <Row label={t("call.attempts")} value={String(call.attempt_count)} />
        <dt>{t("calls.trace")}</dt>
        <dd><Link to={urls.trace(call.trace_id, call.span_id)} className="font-mono text-xs text-link hover:underline">{shortId(call.trace_id)}</Link></dd>
        <dt>{t("calls.time")}</dt>
        <dd><Clock at={call.started_at} /></dd>
        <Row label={t("call.node")} value={call.node} />
        {call.runaway.length > 0 && (
          <>
            <dt>{t("runaway.title")}</dt>
            <dd className="flex flex-wrap gap-1">{call.runaway.map((mark) => <RunawayBadge key={mark.rule} mark={mark} />)}</dd>
          </>
        )}
      </dl>
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function Row({ label, value }: { label: string; value: string | null | undefined }) {
  if (value === null || value === undefined || value === "") return null;
  return (
    <>
      <dt>{label}</dt>
      <dd className="wrap-any">{value}</dd>
    </>
  );
}

/** Off until asked for: reading along costs the gateway a little. */
function StreamedText({ callId, live, streams }: { callId: string; live: boolean; streams: boolean }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const text = useCallText(callId, asked && live);
  if (!streams) return <p className="border-b px-4 py-2 text-xs text-muted-foreground">{t("flight.notStreamed")}</p>;
  return (
    <section aria-label={t("flight.text")} className="border-b px-4 py-3">
      <div className="flex items-center justify-between">
        <h2 className="text-sm font-semibold">{t("flight.text")}</h2>
        <Button variant="outline" size="sm" aria-pressed={asked} disabled={!live && !asked} onClick={() => setAsked(!asked)}>
          {t(asked ? "flight.hideText" : "flight.showText")}
        </Button>
      </div>
      {asked && <ShownText text={text} />}
    </section>
  );
}

function ShownText({ text }: { text: CallText }) {
  const t = useT();
  return (
    <div className="mt-2 text-sm">
      {text.state === "failed" && <p className="text-bad">{t("flight.textFailed")}</p>}
      {text.state === "gone" && text.text === "" && <p className="text-muted-foreground">{t("flight.textGone")}</p>}
      {text.state !== "failed" && text.state !== "gone" && text.text === "" && <p className="animate-breathe text-muted-foreground">{t("flight.textWaiting")}</p>}
      {text.missed && <p className="mb-1 text-xs text-muted-foreground">{t("flight.textMissed")}</p>}
      <p className="max-w-[80ch] whitespace-pre-wrap wrap-any">{text.text}</p>
    </div>
  );
}
