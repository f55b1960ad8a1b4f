import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import type { CallSummary } from "@/api/types";
import { NativeSelect } from "@/components/ui/native-select";
import { useT, type MessageKey } from "@/i18n/i18n";
import { shortId } from "@/lib/format";
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

/** Of an id its two ends are enough; a name is shown as it is. */
const isId = /^[0-9a-f-]{15,}$/;

export function FilterBar({ rows }: { rows: readonly CallSummary[] }) {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const models = useQuery(queries.models());
  const set = (name: FilterName, value: string) => setParams(withFilter(params, name, value), { replace: true });
  const modelNames = unique([...(models.data?.items.map((model) => model.model) ?? []), ...rows.map((row) => row.requested_model), params.get("model") ?? ""]);
  const agentNames = unique([...rows.map((row) => row.agent ?? ""), params.get("agent") ?? ""]);
  return (
    <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-b px-4 py-1.5">
      <Choice label={t("common.status")} value={params.get("status") ?? ""} onChange={(value) => set("status", value)}>
        {callStatuses.map((status) => (
          <option key={status} value={status}>{t(statusLabel(status))}</option>
        ))}
      </Choice>
      <Choice label={t("calls.model")} value={params.get("model") ?? ""} onChange={(value) => set("model", value)}>
        {modelNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </Choice>
      <Choice label={t("calls.agent")} value={params.get("agent") ?? ""} onChange={(value) => set("agent", value)}>
        {agentNames.map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </Choice>
      {filterNames.map((name) => {
        const label = chipLabels[name];
        const value = params.get(name);
        if (label === undefined || value === null) return null;
        return (
          <button key={name} type="button" onClick={() => set(name, "")} className="flex h-7 items-center gap-1.5 rounded-md bg-selected px-2 text-xs" aria-label={t("calls.removeFilter", { name: t(label) })}>
            <span className="text-muted-foreground">{t(label)}</span>
            <span className="max-w-60 truncate" title={value}>{isId.test(value) ? shortId(value) : value}</span>
            <X aria-hidden className="size-3" />
          </button>
        );
      })}
    </div>
  );
}

function unique(names: string[]): string[] {
  return [...new Set(names)].filter((name) => name !== "").sort();
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: React.ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const t = useT();
  return (
    <label className="flex items-center gap-1.5 text-xs text-muted-foreground">
      {label}
      <NativeSelect value={value} onChange={(event) => onChange(event.target.value)} className="max-w-44 text-foreground [&_select]:h-7 [&_select]:text-xs">
        <option value="">{t("common.all")}</option>
        {children}
      </NativeSelect>
    </label>
  );
}
