import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import { Field } from "@/components/field";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useSettled } from "@/hooks/use-settled";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { WhatIfTable } from "./what-if-table";

const DAY_MS = 86_400_000;
const spans = [
  ["day", 1],
  ["week", 7],
  ["month", 30],
] as const;
const narrowed = ["agent", "route", "model", "models"] as const;
const labels = { agent: "whatIf.agent", route: "whatIf.route", model: "whatIf.ranOn", models: "whatIf.models" } as const;

/** What was recorded, as if it had run on other models. The address keeps what is chosen. */
export function WhatIfPage() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const [now] = useState(() => Date.now());
  const [span, days] = spans.find(([name]) => name === params.get("range")) ?? spans[1];
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value === "") next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: true });
  };
  const filter = useSettled(narrowed.map((name) => params.get(name) ?? "").join("\n"), 300).split("\n");
  const [agent = "", route = "", model = "", models = ""] = filter;
  const query = useQuery({ ...queries.whatIf({ from: new Date(now - days * DAY_MS).toISOString(), agent, route, model, models }), placeholderData: keepPreviousData });
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.dashboard"), to: urls.home() }, { label: t("whatIf.title") }]} />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        <p className="max-w-3xl text-sm text-muted-foreground">{t("whatIf.about")}</p>
        <div role="group" aria-label={t("whatIf.range")} className="mt-3 -ml-2 flex gap-px">
          {spans.map(([name]) => (
            <Button key={name} size="sm" variant="ghost" aria-pressed={name === span} onClick={() => set("range", name === "week" ? "" : name)} className={cn(name === span && "bg-selected text-foreground")}>
              {t(`whatIf.${name}`)}
            </Button>
          ))}
        </div>
        <div className="my-4 grid max-w-5xl grid-cols-[repeat(auto-fit,minmax(160px,1fr))] gap-3">
          {narrowed.map((name) => (
            <div key={name} className={cn(name === "models" && "sm:col-span-2")}>
              <Field label={t(labels[name])} {...(name === "models" ? { hint: t("whatIf.modelsHint") } : {})}>
                {(props) => <Input {...props} type="search" value={params.get(name) ?? ""} onChange={(event) => set(name, event.target.value)} />}
              </Field>
            </div>
          ))}
        </div>
        {query.error !== null ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows rows={8} height={36} />
        ) : query.data.calls === 0 && query.data.left_out_calls === 0 ? (
          <EmptyState title={t("whatIf.noCalls")} />
        ) : (
          <WhatIfTable found={query.data} />
        )}
      </div>
    </>
  );
}
