import { Link } from "react-router";
import type { CallSummary } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import type { Column } from "@/components/data-table";
import { Clock, Money, TokenFlow } from "@/components/numbers";
import type { Translate } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { urls } from "@/lib/urls";
import { CallStatusMark } from "./call-status";
import { TimeBar } from "./time-bar";

export function callColumns(t: Translate, search: string): readonly Column<CallSummary>[] {
  return [
    {
      id: "time",
      header: t("calls.time"),
      width: "100px",
      cell: (call) => (
        <Link to={{ pathname: urls.call(call.call_id), search }} className="hover:underline">
          <Clock at={call.started_at} />
        </Link>
      ),
    },
    { id: "model", header: t("calls.model"), width: "minmax(96px,160px)", cell: (call) => <CallModel call={call} /> },
    { id: "agent", header: t("calls.agent"), width: "minmax(96px,170px)", minListWidth: 420, cell: (call) => <AgentChip name={call.agent} /> },
    {
      id: "what",
      header: t("calls.what"),
      width: "minmax(0,1fr)",
      minListWidth: 960,
      cell: (call) => <span className="text-muted-foreground">{call.input_preview}</span>,
    },
    {
      id: "duration",
      header: <span className="block text-right">{t("calls.duration")}</span>,
      width: "minmax(110px,150px)",
      minListWidth: 560,
      cell: (call) => (
        <TimeBar
          durationMs={call.duration_us / 1_000}
          firstTokenMs={call.first_token_us === null || call.first_token_us === undefined ? null : call.first_token_us / 1_000}
          color={agentColor(call.agent)}
        />
      ),
    },
    { id: "tokens", header: t("calls.tokens"), width: "110px", align: "right", minListWidth: 740, cell: (call) => <CallTokens call={call} /> },
    { id: "cost", header: t("calls.cost"), width: "84px", align: "right", minListWidth: 840, cell: (call) => <CallCost call={call} /> },
    { id: "status", header: t("common.status"), width: "124px", cell: (call) => <CallStatusMark status={call.status} httpStatus={call.http_status} /> },
  ];
}

/** The model asked for; a call that named none says what it was instead. */
export function CallModel({ call }: { call: CallSummary }) {
  if (call.requested_model === "") return <span className="text-faint">{call.operation}</span>;
  return <span title={call.response_model ?? undefined}>{call.requested_model}</span>;
}

/** A refused call used no tokens and cost nothing that could be unknown. */
export function CallTokens({ call }: { call: CallSummary }) {
  if (call.usage_source === "none") return <span className="text-faint">–</span>;
  return <TokenFlow input={call.input_tokens} output={call.output_tokens} />;
}

export function CallCost({ call }: { call: CallSummary }) {
  if (call.attempt_count === 0) return <span className="text-faint">–</span>;
  return <Money amount={call.cost} />;
}
