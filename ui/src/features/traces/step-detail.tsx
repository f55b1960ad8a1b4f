import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { queries } from "@/api/queries";
import type { Span } from "@/api/types";
import { foundReason } from "@/components/found-mark";
import { JsonView } from "@/components/json-view";
import { Clock, Count, Duration, Money, TokenFlow } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { CallBody } from "@/features/calls/call-panel";
import { CorrectButtons } from "@/features/corrections/correct-buttons";
import { mainFingerprint } from "@/features/corrections/correction";
import { FlightBody } from "@/features/flight/flight-body";
import { useT } from "@/i18n/i18n";
import { parseJson } from "@/lib/conversation";
import { isHinted, surePercent, type FoundFact, type FoundField } from "@/lib/found";
import { AgentDetail } from "./agent-detail";
import { AgentLabel } from "./agent-label";
import { markSentence } from "./call-mark";
import { conversationsOf, targetsOf } from "./correctable";
import type { Look } from "./look";
import type { CallMark } from "./marks";
import type { RunTree, Step } from "./run-tree";

interface StepDetailProps {
  step: Step;
  span: Span | undefined;
  look: Look | undefined;
  looks: ReadonlyMap<string, Look>;
  marks: readonly CallMark[];
  tree: RunTree;
  skewMs: number;
  onAgent: (agent: string) => void;
}

/** What is known of one step. A call shows the whole call, an agent the whole agent. */
export function StepDetail({ step, span, look, looks, marks, tree, skewMs, onAgent }: StepDetailProps) {
  if (step.kind === "agent" && look !== undefined) {
    return (
      <AgentDetail look={look} looks={looks} tree={tree} onAgent={onAgent}>
        {span !== undefined && <Payloads span={span} />}
      </AgentDetail>
    );
  }
  if (step.flight !== null) return <FlightBody row={step.flight} skewMs={skewMs} />;
  if (step.kind === "call" && step.callId !== null) {
    return (
      <>
        <WhoMade step={step} look={look} looks={looks} tree={tree} marks={marks} onAgent={onAgent} />
        <StoredCall callId={step.callId} />
      </>
    );
  }
  return <PlainStep step={step} span={span} look={look} onAgent={onAgent} />;
}

function StoredCall({ callId }: { callId: string }) {
  const query = useQuery(queries.call(callId));
  if (query.data !== undefined) return <CallBody call={query.data} />;
  if (query.error !== null) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <SkeletonRows rows={10} />;
}

/** Over a call: whose it is and why we think so, what stands out about it, and the way to correct it. */
function WhoMade({ step, look, looks, tree, marks, onAgent }: Omit<StepDetailProps, "span" | "skewMs">) {
  const t = useT();
  const parts = useMemo(() => (look === undefined ? [] : conversationsOf(tree, look.key)), [tree, look]);
  const fingerprint = step.node?.fingerprint ?? (look === undefined ? null : mainFingerprint(look.key, look.speaker.fingerprints));
  const prompt = step.node?.prompt ?? null;
  return (
    <div className="flex flex-col gap-2 border-b bg-sunken px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <AgentLabel look={look} chosen={false} onAgent={onAgent} />
        {look !== undefined && fingerprint !== null && look.speaker.fingerprints.length > 0 && (
          <CorrectButtons subject={{ fingerprint, name: look.name, key: look.key }} targets={targetsOf(looks)} conversations={parts} meant={prompt === null ? undefined : `prompt:${prompt}`} />
        )}
      </div>
      <Reasons step={step} />
      {marks.map((mark) => (
        <p key={`${mark.kind}:${mark.kind === "loop" ? mark.loop.kind : ""}`} className="text-xs text-warn">{markSentence(mark, t)}</p>
      ))}
    </div>
  );
}

/** Why a step is where it is, in words. */
function Reasons({ step }: { step: Step }) {
  const t = useT();
  const found = step.node?.found;
  const rows: [FoundField, FoundFact | null | undefined, string][] = [
    ["agent", found?.agent, t("calls.agent")],
    ["run", found?.run, t("calls.run")],
    ["serves", found?.serves, t("tree.serves")],
  ];
  const shown = rows.flatMap(([field, fact, label]) => (isHinted(fact) ? [{ field, fact, label }] : []));
  if (shown.length === 0) return null;
  return (
    <ul className="text-xs text-muted-foreground">
      {shown.map(({ field, fact, label }) => (
        <li key={field}>
          <span className="text-foreground">{label}</span> {foundReason(fact, field, t)} {fact.source === "corrected" ? t("found.corrected") : t("found.sure", { percent: surePercent(fact) })}
        </li>
      ))}
    </ul>
  );
}

/** A run, a task, a tool, an attempt: what it summed up to, and what went in and out. */
function PlainStep({ step, span, look, onAgent }: { step: Step; span: Span | undefined; look: Look | undefined; onAgent: (agent: string) => void }) {
  const t = useT();
  const { totals } = step;
  return (
    <div className="flex flex-col gap-5 px-4 py-4">
      <Reasons step={step} />
      <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <Pair label={t("trace.type")}>{step.kind === "span" || step.kind === "attempt" ? step.spanType : t(`tree.kind.${step.kind}`)}</Pair>
        {look !== undefined && <Pair label={t("calls.agent")}><AgentLabel look={look} chosen={false} onAgent={onAgent} /></Pair>}
        <Pair label={t("common.status")}>{step.status}</Pair>
        {step.node !== null && <Pair label={t("calls.time")}><Clock at={step.node.started_at} /></Pair>}
        {step.endMs !== null && <Pair label={t("calls.duration")}><Duration ms={step.endMs - step.startMs} /></Pair>}
        {totals.calls > 0 && (
          <>
            <Pair label={t("traces.calls")}><Count value={totals.calls} /></Pair>
            <Pair label={t("calls.tokens")}><TokenFlow input={totals.input_tokens} output={totals.output_tokens} /></Pair>
            <Pair label={t("calls.cost")}><Money amount={totals.unknown_cost_calls === totals.calls ? null : totals.cost} /></Pair>
          </>
        )}
      </dl>
      {span !== undefined && <Payloads span={span} />}
    </div>
  );
}

function Payloads({ span }: { span: Span }) {
  const t = useT();
  const attributes = Object.entries(span.attributes as Record<string, string>);
  return (
    <>
      {span.error_message !== null && span.error_message !== undefined && <p className="rounded-md bg-bad-soft px-3 py-2 text-sm wrap-any text-bad">{span.error_message}</p>}
      <Payload title={t("trace.inputs")} text={span.inputs} />
      <Payload title={t("trace.outputs")} text={span.outputs} />
      {attributes.length > 0 && <Payload title={t("trace.attributes")} text={JSON.stringify(span.attributes)} />}
    </>
  );
}

function Pair({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Payload({ title, text }: { title: string; text: string }) {
  if (text === "") return null;
  const value = parseJson(text);
  return (
    <section className="min-w-0">
      <h2 className="mb-1 text-sm font-semibold">{title}</h2>
      {typeof value === "string" ? <p className="max-w-[80ch] text-sm whitespace-pre-wrap wrap-any">{value}</p> : <JsonView value={value} openDepth={3} />}
    </section>
  );
}
