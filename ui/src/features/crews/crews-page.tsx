import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { queries } from "@/api/queries";
import type { Crew } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { DateTime } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { readPlan } from "./crew-config";

export function CrewsPage() {
  const t = useT();
  const query = useQuery(queries.crews());
  const crews = query.data?.items ?? [];
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.crews") }]} />
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={t("nav.crews")}>
        {query.error !== null && query.data === undefined ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <SkeletonRows rows={4} height={64} />
        ) : crews.length === 0 ? (
          <EmptyState title={t("crews.empty")}>{t("crews.emptyBody")}</EmptyState>
        ) : (
          <ul>
            {crews.map((crew) => (
              <CrewRow key={crew.id} crew={crew} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function CrewRow({ crew }: { crew: Crew }) {
  const t = useT();
  const plan = readPlan(crew.config);
  return (
    <li className="border-b">
      <Link to={urls.crew(crew.id)} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-1 px-4 py-3 hover:bg-hover">
        <span className="font-medium">{crew.name}</span>
        <span className="text-right text-xs text-muted-foreground">
          <DateTime at={crew.updated_at} />
        </span>
        <span className="truncate text-sm text-muted-foreground">{crew.description}</span>
        <span className="flex justify-end gap-4 text-sm">
          {plan.agents.slice(0, 4).map((agent) => (
            <AgentChip key={agent.name} name={agent.role} />
          ))}
          <span className="text-muted-foreground">{t("crews.tasks", { n: plan.tasks.length })}</span>
        </span>
      </Link>
    </li>
  );
}
