import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Crew } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { DateTime, Duration, Money, TokenFlow } from "@/components/numbers";
import { ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { urls } from "@/lib/urls";
import { readPlan, type CrewPlan } from "./crew-config";
import { RunForm } from "./run-form";
import { RunStatus } from "./run-status";

export function CrewPage() {
  const t = useT();
  const { crewId = "" } = useParams();
  const query = useQuery(queries.crew(crewId));
  const crew = query.data;
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.crews"), to: urls.crews() }, { label: crew?.name ?? "…" }]} />
      {crew !== undefined ? <CrewBody crew={crew} /> : query.error !== null ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows rows={8} />}
    </>
  );
}

function CrewBody({ crew }: { crew: Crew }) {
  const t = useT();
  const me = useMe();
  const plan = readPlan(crew.config);
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-y-auto">
      <div className="min-w-0 flex-1 overflow-y-auto max-lg:overflow-visible" tabIndex={0} role="region" aria-label={crew.name}>
        {crew.description !== "" && <p className="max-w-[72ch] px-4 pt-4 text-muted-foreground">{crew.description}</p>}
        <Plan plan={plan} />
        <Runs crewId={crew.id} />
      </div>
      {canWrite(me) && (
        <aside className="w-88 shrink-0 border-l p-4 max-lg:w-full max-lg:border-t max-lg:border-l-0" aria-label={t("crews.run")}>
          <RunForm crew={crew} defaults={plan.inputs} />
        </aside>
      )}
    </div>
  );
}

/** Tasks in their order, each with the agent that does it. */
function Plan({ plan }: { plan: CrewPlan }) {
  const t = useT();
  const agentOf = (name: string) => plan.agents.find((agent) => agent.name === name || agent.role === name);
  return (
    <ol aria-label={t("crews.plan")} className="px-4 py-4">
      {plan.tasks.map((task, index) => {
        const agent = agentOf(task.agent);
        return (
          <li key={task.name} className="grid grid-cols-[20px_minmax(0,150px)_minmax(0,1fr)] gap-x-3 border-b py-2.5 text-sm">
            <span className="text-right text-faint tabular-nums">{index + 1}</span>
            <div className="min-w-0">
              <AgentChip name={agent?.role ?? task.agent} className="font-medium" />
              <div className="truncate pl-3.5 text-xs text-muted-foreground">{[agent?.model ?? "", ...(agent?.tools ?? [])].filter((one) => one !== "").join(" · ")}</div>
            </div>
            <div className="min-w-0">
              <div className="font-medium">{task.name}</div>
              <p className="max-w-[72ch] text-muted-foreground">{task.description}</p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Runs({ crewId }: { crewId: string }) {
  const t = useT();
  const query = useQuery(queries.crewRuns(crewId));
  const runs = query.data?.items ?? [];
  return (
    <section className="pb-8">
      <h2 className="px-4 pt-3 pb-1 text-sm font-semibold">{t("crews.runs")}</h2>
      {query.error !== null ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : runs.length === 0 ? (
        query.isSuccess && <p className="px-4 py-2 text-sm text-muted-foreground">{t("crews.noRuns")}</p>
      ) : (
        <table className="w-full text-sm">
          <thead className="text-left text-xs text-muted-foreground">
            <tr className="h-8 border-b">
              <th className="pl-4 font-normal">{t("crews.started")}</th>
              <th className="font-normal">{t("common.status")}</th>
              <th className="text-right font-normal">{t("calls.duration")}</th>
              <th className="text-right font-normal">{t("calls.tokens")}</th>
              <th className="pr-4 text-right font-normal">{t("calls.cost")}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} className="h-9 border-b hover:bg-hover">
                <td className="pl-4">
                  <Link to={urls.run(crewId, run.id)} className="hover:underline">
                    <DateTime at={run.started_at ?? run.created_at} />
                  </Link>
                </td>
                <td><RunStatus status={run.status} /></td>
                <td className="text-right"><Duration ms={elapsed(run.started_at, run.completed_at)} /></td>
                <td className="text-right"><TokenFlow input={run.input_tokens} output={run.output_tokens} /></td>
                <td className="pr-4 text-right"><Money amount={run.total_cost} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function elapsed(from: string | null | undefined, to: string | null | undefined): number | null {
  if (from === null || from === undefined || to === null || to === undefined) return null;
  return Date.parse(to) - Date.parse(from);
}
