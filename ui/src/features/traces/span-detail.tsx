import { useQuery } from "@tanstack/react-query";
import type { Span } from "@/api/types";
import { queries } from "@/api/queries";
import { AgentChip } from "@/components/agent-chip";
import { JsonView } from "@/components/json-view";
import { Clock, Duration } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { CallBody } from "@/features/calls/call-panel";
import { useT } from "@/i18n/i18n";
import { parseJson } from "@/lib/conversation";
import { millis } from "@/lib/format";

/** One step of a trace. A model call shows the whole call. */
export function SpanDetail({ span }: { span: Span }) {
  if (span.call_id !== null && span.call_id !== undefined && span.span_type === "llm_call") return <SpanCall callId={span.call_id} />;
  return <PlainSpan span={span} />;
}

function SpanCall({ callId }: { callId: string }) {
  const query = useQuery(queries.call(callId));
  if (query.data !== undefined) return <CallBody call={query.data} />;
  if (query.error !== null) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <SkeletonRows rows={10} />;
}

function PlainSpan({ span }: { span: Span }) {
  const t = useT();
  const attributes = Object.entries(span.attributes as Record<string, string>);
  return (
    <div className="flex flex-col gap-5 px-4 py-4">
      <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <Pair label={t("trace.type")}>{span.span_type}</Pair>
        <Pair label={t("calls.agent")}>
          <AgentChip name={span.agent} />
        </Pair>
        <Pair label={t("common.status")}>{span.status}</Pair>
        <Pair label={t("calls.time")}>
          <Clock at={span.started_at} />
        </Pair>
        <Pair label={t("calls.duration")}>
          <Duration ms={millis(span.duration_us)} />
        </Pair>
      </dl>
      {span.error_message !== null && span.error_message !== undefined && <p className="rounded-md bg-bad-soft px-3 py-2 text-sm wrap-any text-bad">{span.error_message}</p>}
      <Payload title={t("trace.inputs")} text={span.inputs} />
      <Payload title={t("trace.outputs")} text={span.outputs} />
      {attributes.length > 0 && <Payload title={t("trace.attributes")} text={JSON.stringify(span.attributes)} />}
    </div>
  );
}

function Pair({ label, children }: { label: string; children: React.ReactNode }) {
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
