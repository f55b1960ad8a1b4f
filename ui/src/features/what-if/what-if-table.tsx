import { ArrowDown, ArrowUp } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { WhatIf, WhatIfModel } from "@/api/types";
import { Count, Money } from "@/components/numbers";
import { EmptyState } from "@/components/states";
import { useT, type MessageKey } from "@/i18n/i18n";
import { formatCount } from "@/lib/format";
import { tokenClasses } from "@/lib/tokens";
import { cn } from "@/lib/utils";
import { against, sorted, sortKeys, type SortKey } from "./rows";

const headers: Record<SortKey, MessageKey> = { model: "whatIf.model", cost: "whatIf.cost", input: "whatIf.input", cache: "whatIf.cache", output: "whatIf.output", difference: "whatIf.difference" };

/** Models side by side: what each would have cost, part by part, against what was recorded. */
export function WhatIfTable({ found }: { found: WhatIf }) {
  const t = useT();
  const [sort, setSort] = useState<{ key: SortKey; descending: boolean }>({ key: "cost", descending: false });
  const rows = sorted(found, sort.key, sort.descending);
  return (
    <div className="flex max-w-5xl flex-col gap-4">
      <Recorded found={found} />
      {rows.length === 0 ? (
        <EmptyState title={t("whatIf.noModels")}>{t("whatIf.noModelsBody")}</EmptyState>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full min-w-120 text-sm">
            <caption className="sr-only">{t("whatIf.title")}</caption>
            <thead className="text-xs text-muted-foreground">
              <tr className="h-8 border-b">
                {sortKeys.map((key) => (
                  <th key={key} aria-sort={sort.key !== key ? "none" : sort.descending ? "descending" : "ascending"} className={cn("font-normal", key === "model" ? "text-left" : "pl-3 text-right", part(key) && "max-sm:hidden")}>
                    <button type="button" title={t("whatIf.sortBy", { name: t(headers[key]) })} className="inline-flex h-7 items-center gap-1 hover:text-foreground" onClick={() => setSort({ key, descending: sort.key === key && !sort.descending })}>
                      {t(headers[key])}
                      {sort.key === key && (sort.descending ? <ArrowDown aria-hidden className="size-3" /> : <ArrowUp aria-hidden className="size-3" />)}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((model) => (
                <Row key={`${model.provider}/${model.model}`} found={found} model={model} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.unknown_cost_calls > 0 && rows.length > 0 && <p className="text-xs text-muted-foreground">{t("whatIf.notWhole")}</p>}
    </div>
  );
}

/** One of the parts of a cost, which give way where it is narrow. */
function part(key: SortKey): boolean {
  return key === "input" || key === "cache" || key === "output";
}

function Recorded({ found }: { found: WhatIf }) {
  const t = useT();
  const notes: readonly (readonly [MessageKey, number])[] = [
    ["whatIf.unknown", found.unknown_cost_calls],
    ["whatIf.estimated", found.estimated_calls],
    ["whatIf.leftOut", found.left_out_calls],
  ];
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-3 text-sm">
      <Figure label={t("whatIf.recorded")}>
        <Money amount={found.calls > 0 && found.unknown_cost_calls === found.calls ? null : found.recorded_cost} />
      </Figure>
      <Figure label={t("whatIf.calls")} note={notes.filter(([, n]) => n > 0).map(([key, n]) => <li key={key}>{t(key, { n: formatCount(n) })}</li>)}>
        <Count value={found.calls} />
      </Figure>
      <Figure
        label={t("whatIf.tokens")}
        note={tokenClasses(found.usage).map(([name, count]) => (
          <li key={name}>
            <Count value={count} /> {t(`call.${name}`)}
          </li>
        ))}
      >
        <Count value={Object.values(found.usage).reduce((sum, count) => sum + count, 0)} />
      </Figure>
    </dl>
  );
}

function Figure({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-28">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd>
        <div className="text-lg font-semibold tabular-nums">{children}</div>
        {note !== undefined && <ul className="text-xs text-muted-foreground tabular-nums">{note}</ul>}
      </dd>
    </div>
  );
}

function Row({ found, model }: { found: WhatIf; model: WhatIfModel }) {
  const t = useT();
  const difference = against(found, model);
  const amount = (value: string | null | undefined) => (value === null || value === undefined ? <span className="text-faint">–</span> : <Money amount={value} />);
  return (
    <tr className="h-10 border-b hover:bg-hover">
      <th scope="row" className="text-left font-normal">
        <span className="font-mono text-xs font-medium wrap-any">{model.model}</span> <span className="text-xs text-muted-foreground">{model.provider}</span>
        {model.was_used && <span className="ml-2 text-xs text-muted-foreground">· {t("whatIf.used")}</span>}
        {model.cost !== null && model.cost !== undefined && model.assumed_calls > 0 && (
          <span className="ml-2 text-xs text-warn" title={t("whatIf.assumedHint", { n: formatCount(model.assumed_calls), all: formatCount(found.calls) })}>
            · {t("whatIf.assumed")}
          </span>
        )}
      </th>
      <td className="pl-3 text-right whitespace-nowrap">
        {model.cost === null || model.cost === undefined ? <span className="text-faint">{t(model.has_price ? "whatIf.noPriceFor" : "whatIf.noPrice")}</span> : <Money amount={model.cost} />}
      </td>
      <td className="pl-3 text-right max-sm:hidden">{amount(model.costs?.input)}</td>
      <td className="pl-3 text-right max-sm:hidden">{amount(model.costs?.cache)}</td>
      <td className="pl-3 text-right max-sm:hidden">{amount(model.costs?.output)}</td>
      <td className="pl-3 text-right whitespace-nowrap">
        {difference !== null && Number(difference) > 0 && "+"}
        {amount(difference)}
      </td>
    </tr>
  );
}
