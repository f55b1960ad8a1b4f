import { useQuery } from "@tanstack/react-query";
import { ListTree } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useOutletContext, useParams, useSearchParams } from "react-router";
import type { FlyingCall } from "@/api/in-flight";
import { queries } from "@/api/queries";
import type { CallDetail } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { JsonView } from "@/components/json-view";
import { runawaySentence } from "@/components/runaway-badge";
import { SidePanel } from "@/components/side-panel";
import { ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/copy-button";
import { FlightBody } from "@/features/flight/flight-body";
import { ReplayButton } from "@/features/replay/replay-button";
import { FlightStatus } from "@/features/flight/flight-status";
import { useT, type MessageKey } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { CallFacts } from "./call-facts";
import { CallStatusMark } from "./call-status";
import { CallModel } from "./columns";
import type { CallPanelContext } from "./calls-page";
import { Conversation } from "./conversation";
import { NumberStrip } from "./number-strip";

const views = ["conversation", "raw", "facts"] as const;
type View = (typeof views)[number];
/** What can be sent again. */
const conversations = ["chat_completions", "messages", "responses"];
const viewLabels: Record<View, MessageKey> = { conversation: "call.conversation", raw: "call.raw", facts: "call.facts" };

export function CallPanel() {
  const t = useT();
  const { callId = "" } = useParams();
  const navigate = useNavigate();
  const { walk, search, flying, skewMs } = useOutletContext<CallPanelContext>();
  const [params, setParams] = useSearchParams();
  // A call in flight has no record yet; it is asked for when it is no longer in flight.
  const query = useQuery({ ...queries.call(callId), enabled: flying === undefined });
  const call = query.data;
  const where = call ?? flying?.call;
  const setFull = (full: boolean) => {
    const next = new URLSearchParams(params);
    if (full) next.set("full", "1");
    else next.delete("full");
    setParams(next, { replace: true });
  };
  return (
    <SidePanel
      label={t("call.title")}
      title={call !== undefined ? <PanelTitle call={call} /> : flying === undefined ? t("call.title") : <FlightTitle row={flying} />}
      onClose={() => void navigate({ pathname: urls.calls(), search })}
      walk={walk}
      full={params.get("full") === "1"}
      onFullChange={setFull}
      actions={
        where !== undefined && (
          <Button asChild variant="ghost" size="icon">
            <Link to={urls.trace(where.trace_id, where.span_id)} aria-label={t("call.openTrace")} title={t("call.openTrace")}>
              <ListTree />
            </Link>
          </Button>
        )
      }
    >
      {call === undefined && flying !== undefined ? (
        <FlightBody key={callId} row={flying} skewMs={skewMs} />
      ) : query.error !== null && call === undefined ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : call === undefined ? (
        <SkeletonRows rows={10} />
      ) : (
        <CallBody call={call} />
      )}
    </SidePanel>
  );
}

function PanelTitle({ call }: { call: CallDetail }) {
  return (
    <span className="flex min-w-0 items-center gap-3 text-sm">
      <span className="truncate">
        <CallModel call={call} />
      </span>
      <AgentChip name={call.agent} className="text-muted-foreground" />
      <span className="text-xs">
        <CallStatusMark status={call.status} httpStatus={call.http_status} />
      </span>
    </span>
  );
}

function FlightTitle({ row }: { row: FlyingCall }) {
  return (
    <span className="flex min-w-0 items-center gap-3 text-sm">
      <span className="truncate">
        <CallModel call={row.call} />
      </span>
      <AgentChip name={row.call.agent} className="text-muted-foreground" />
      <span className="text-xs">
        <FlightStatus row={row} />
      </span>
    </span>
  );
}

/** Everything about one call; also the detail of a call inside a trace. */
export function CallBody({ call }: { call: CallDetail }) {
  const t = useT();
  const [view, setView] = useState<View>("conversation");
  useHotkeys({ r: () => setView(view === "raw" ? "conversation" : "raw") });
  return (
    <>
      {call.error_message !== null && call.error_message !== undefined && (
        <p className="border-b bg-bad-soft px-4 py-2 text-sm wrap-any text-bad">
          {call.error_message}
          {call.error_code !== null && call.error_code !== undefined && <code className="ml-2 text-xs">{call.error_code}</code>}
        </p>
      )}
      <NumberStrip call={call} />
      {call.runaway.length > 0 && (
        <p className="flex flex-wrap gap-x-3 border-b px-4 py-1.5 text-xs text-warn">
          {call.runaway.map((mark) => <span key={mark.rule}>{runawaySentence(mark, t)}</span>)}
        </p>
      )}
      <div className="sticky top-0 z-10 flex items-center justify-between gap-4 border-b bg-background px-4">
        <div role="tablist" aria-label={t("call.title")} className="flex gap-4">
        {views.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={view === one}
            onClick={() => setView(one)}
            className={cn("-mb-px h-9 border-b-2 border-transparent text-sm text-muted-foreground", view === one && "border-(--ring) font-medium text-foreground")}
          >
            {t(viewLabels[one])}
            {one === "raw" && <kbd aria-hidden className="key ml-1.5">r</kbd>}
          </button>
        ))}
        </div>
        {conversations.includes(call.operation) && <ReplayButton callId={call.call_id} scope="call" />}
      </div>
      <div role="tabpanel" aria-label={t(viewLabels[view])}>
        {view === "conversation" && <Conversation call={call} />}
        {view === "raw" && <RawView call={call} />}
        {view === "facts" && <CallFacts call={call} />}
      </div>
    </>
  );
}

function RawView({ call }: { call: CallDetail }) {
  const t = useT();
  const content = call.content;
  if (content === null || content === undefined) return <p className="px-4 py-6 text-muted-foreground">{t("call.noContent")}</p>;
  const params = typeof content.params === "object" && content.params !== null ? content.params : {};
  const request = { ...params, messages: content.input.map(rawMessage), ...(content.tools === null || content.tools === undefined ? {} : { tools: content.tools }) };
  return (
    <div className="flex flex-col gap-6 px-4 py-4">
      <RawBlock title={t("call.request")} value={request} />
      <RawBlock title={t("call.response")} value={{ ...(typeof content.response === "object" && content.response !== null ? content.response : {}), messages: content.output.map(rawMessage) }} />
    </div>
  );
}

/** The message as it was sent, where the whole was stored. */
function rawMessage({ role, content }: { role: string; content: unknown }): unknown {
  return typeof content === "object" && content !== null && !Array.isArray(content) ? { role, ...content } : { role, content };
}

function RawBlock({ title, value }: { title: string; value: unknown }) {
  return (
    <section>
      <div className="mb-1 flex items-center justify-between">
        <h2 className="text-sm font-semibold">{title}</h2>
        <CopyButton text={JSON.stringify(value, null, 2)} />
      </div>
      <JsonView value={value} openDepth={3} />
    </section>
  );
}
