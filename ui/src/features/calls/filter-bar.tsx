import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import type { CallSummary } from "@/api/types";
import { FilterChip, FilterChoice, uniqueNames } from "@/components/filters";
import { useT, type MessageKey } from "@/i18n/i18n";
import { filterNames, withFilter, type FilterName } from "./call-filter";
import { callStatuses, statusLabel } from "./call-status";

const chipLabels: Partial<Record<FilterName, MessageKey>> = {
  provider: "calls.provider",
  crew: "calls.crew",
  key_id: "calls.key",
  session_id: "calls.session",
  token_subject: "call.tokenSubject",
  token_issuer: "call.tokenIssuer",
  trace_id: "calls.trace",
  execution_id: "calls.run",
  from: "calls.from",
  to: "calls.to",
};

export function FilterBar({ rows }: { rows: readonly CallSummary[] }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const models = useQuery(queries.models());
  const set = (name: FilterName, value: string) => setParams(withFilter(params, name, value), { replace: true });
  const modelNames = uniqueNames([...(models.data?.items.map((model) => model.model) ?? []), ...rows.map((row) => row.requested_model), params.get("model") ?? ""]);
  const agentNames = uniqueNames([...rows.map((row) => row.agent ?? ""), params.get("agent") ?? ""]);
  return (
    <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-b px-4 py-1.5">
      <FilterChoice label={t("common.status")} value={params.get("status") ?? ""} onChange={(value) => set("status", value)}>
        {callStatuses.map((status) => (
          <option key={status} value={status}>{t(statusLabel(status))}</option>
        ))}
      </FilterChoice>
      <FilterChoice label={t("calls.model")} value={params.get("model") ?? ""} onChange={(value) => set("model", value)}>
        {modelNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </FilterChoice>
      <FilterChoice label={t("calls.agent")} value={params.get("agent") ?? ""} onChange={(value) => set("agent", value)}>
        {agentNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </FilterChoice>
      {filterNames.map((name) => {
        const label = chipLabels[name];
        const value = params.get(name);
        if (label === undefined || value === null) return null;
        return <FilterChip key={name} label={t(label)} value={value} onRemove={() => set(name, "")} />;
      })}
    </div>
  );
}
