import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import type { TraceSummary } from "@/api/types";
import { FilterChip, FilterChoice, uniqueNames } from "@/components/filters";
import { useT, type MessageKey } from "@/i18n/i18n";
import { traceFilterNames, withTraceParam, type TraceFilterName } from "./trace-filter";

const chipLabels: Partial<Record<TraceFilterName, MessageKey>> = {
  crew: "calls.crew",
  session_id: "calls.session",
  execution_id: "calls.run",
  from: "calls.from",
  to: "calls.to",
};

export function TraceFilterBar({ rows }: { rows: readonly TraceSummary[] }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const models = useQuery(queries.models());
  const set = (name: TraceFilterName, value: string) => setParams(withTraceParam(params, name, value), { replace: true });
  const chosen = (name: TraceFilterName) => params.get(name) ?? "";
  const agentNames = uniqueNames([...rows.flatMap((row) => row.agents), chosen("agent")]);
  const modelNames = uniqueNames([...(models.data?.items.map((model) => model.model) ?? []), ...rows.flatMap((row) => row.models), chosen("model")]);
  return (
    <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-b px-4 py-1.5">
      <FilterChoice label={t("calls.agent")} value={chosen("agent")} onChange={(value) => set("agent", value)}>
        {agentNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </FilterChoice>
      <FilterChoice label={t("calls.model")} value={chosen("model")} onChange={(value) => set("model", value)}>
        {modelNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </FilterChoice>
      <label className="flex h-7 items-center gap-1.5 text-xs text-muted-foreground">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={chosen("errors_only") === "true"} onChange={(event) => set("errors_only", event.target.checked ? "true" : "")} />
        {t("traces.errorsOnly")}
      </label>
      {traceFilterNames.map((name) => {
        const label = chipLabels[name];
        if (label === undefined || chosen(name) === "") return null;
        return <FilterChip key={name} label={t(label)} value={chosen(name)} onRemove={() => set(name, "")} />;
      })}
    </div>
  );
}
