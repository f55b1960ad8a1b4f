import { Link } from "react-router";
import type { CallSummary, RunawayMark } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import type { Column } from "@/components/data-table";
import { Clock, Money, TokenFlow } from "@/components/numbers";
import { RunawayBadge } from "@/components/runaway-badge";
import { FlightStatus } from "@/features/flight/flight-status";
import type { Translate } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { millis } from "@/lib/format";
import { urls } from "@/lib/urls";
import type { CallRow } from "./call-row";
import { CallStatusMark } from "./call-status";
import { FlightBar, FlightTime, FlightTokens } from "./flight-cells";
import { TimeBar } from "./time-bar";

export function callColumns(t: Translate, search: string, skewMs: number): readonly Column<CallRow>[] {
  return [
    {
      id: "time",
      header: t("calls.time"),
      width: "100px",
      cell: (row) =>
        row.kind === "flying" ? (
          <FlightTime row={row.row} search={search} />
        ) : (
          <Link to={{ pathname: urls.call(row.call.call_id), search }} className="hover:underline">
            <Clock at={row.call.started_at} />
          </Link>
        ),
    },
    { id: "model", header: t("calls.model"), width: "minmax(96px,160px)", cell: (row) => <CallModel call={summaryOf(row)} /> },
    { id: "agent", header: t("calls.agent"), width: "minmax(96px,170px)", minListWidth: 420, cell: (row) => <AgentChip name={summaryOf(row).agent} /> },
    {
      id: "what",
      header: t("calls.what"),
      width: "minmax(0,1fr)",
      minListWidth: 960,
      cell: (row) => <span className="text-muted-foreground">{row.kind === "flying" ? row.row.call.task : row.call.input_preview}</span>,
    },
    {
      id: "duration",
      header: <span className="block text-right">{t("calls.duration")}</span>,
      width: "minmax(110px,150px)",
      minListWidth: 560,
      cell: (row) =>
        row.kind === "flying" ? <FlightBar row={row.row} skewMs={skewMs} /> : <TimeBar durationMs={row.call.duration_us / 1_000} firstTokenMs={millis(row.call.first_token_us)} color={agentColor(row.call.agent)} />,
    },
    { id: "tokens", header: t("calls.tokens"), width: "110px", align: "right", minListWidth: 740, cell: (row) => (row.kind === "flying" ? <FlightTokens row={row.row} /> : <CallTokens call={row.call} />) },
    { id: "cost", header: t("calls.cost"), width: "84px", align: "right", minListWidth: 840, cell: (row) => (row.kind === "flying" ? <span className="text-faint">–</span> : <CallCost call={row.call} />) },
    {
      id: "status",
      header: t("common.status"),
      width: "124px",
      cell: (row) => (
        <span className="flex items-center gap-1">
          {row.kind === "flying" ? <FlightStatus row={row.row} /> : <CallStatusMark status={row.call.status} httpStatus={row.call.http_status} />}
          {summaryOf(row).runaway.map((mark) => <RunawayBadge key={mark.rule} mark={mark} short />)}
        </span>
      ),
    },
  ];
}

/** What a call on record and one in flight have in common. */
function summaryOf(row: CallRow): CalledModel & { agent?: string | null | undefined; runaway: readonly RunawayMark[] } {
  return row.kind === "flying" ? row.row.call : row.call;
}

type CalledModel = Pick<CallSummary, "requested_model" | "operation"> & { response_model?: string | null | undefined };

/** The model asked for; a call that named none says what it was instead. */
export function CallModel({ call }: { call: CalledModel }) {
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
