import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Repricing } from "@/api/types";
import type { Column } from "@/components/data-table";
import { Count, DateTime, Money } from "@/components/numbers";
import { PagedList } from "@/components/paged-list";
import { EmptyState } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useT, type Translate } from "@/i18n/i18n";
import { difference } from "@/lib/decimal";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";

/** Costs that were changed after the calls, or may be. */
export function RepricingsPage() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const { repricingId } = useParams();
  const mayRead = me.role === "admin";
  const query = useInfiniteQuery({ ...queries.repricings(), enabled: mayRead });
  const columns = useMemo(() => columnsOf(t), [t]);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.models"), to: urls.models() }, { label: t("prices.title"), to: urls.prices() }, { label: t("repricing.title") }]}>
        {mayRead && (
          <Button asChild size="sm">
            <Link to={urls.newRepricing()}>
              <Plus />
              {t("repricing.new")}
            </Link>
          </Button>
        )}
      </TopBar>
      <PagedList
        label={t("repricing.title")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        isSelected={(row) => row.id === repricingId}
        onOpen={(row) => void navigate(urls.repricing(row.id))}
        skeletonRows={6}
        head={
          <div className="border-b px-4 py-3 text-sm text-muted-foreground">
            <p className="max-w-3xl">{t("repricing.about")}</p>
          </div>
        }
        empty={<EmptyState title={t("repricing.none")}>{t("repricing.noneBody")}</EmptyState>}
        {...(mayRead ? {} : { instead: <EmptyState title={t("error.forbidden")} /> })}
      />
    </>
  );
}

function columnsOf(t: Translate): readonly Column<Repricing>[] {
  const report = (row: Repricing) => (row.status === "estimated" ? row.estimate : (row.result ?? row.estimate));
  return [
    {
      id: "what",
      header: t("repricing.models"),
      width: "minmax(140px,1fr)",
      cell: (row) => (
        <Link to={urls.repricing(row.id)} className="truncate font-mono text-xs font-medium hover:underline">
          {row.models.length === 0 ? t("common.all") : row.models.join(", ")}
        </Link>
      ),
    },
    { id: "whose", header: t("repricing.calls"), width: "96px", minListWidth: 620, cell: (row) => <span className="text-muted-foreground">{t(row.all_teams ? "repricing.everyTeam" : "repricing.thisTeam")}</span> },
    { id: "changed", header: t("repricing.changed"), width: "80px", align: "right", minListWidth: 520, cell: (row) => <Count value={report(row)?.sums.changed ?? 0} /> },
    {
      id: "difference",
      header: t("repricing.difference"),
      width: "96px",
      align: "right",
      cell: (row) => {
        const sums = report(row)?.sums;
        return sums === undefined ? <span className="text-faint">–</span> : <Money amount={difference(sums.old_cost, sums.new_cost)} />;
      },
    },
    { id: "created", header: t("common.created"), width: "140px", minListWidth: 760, cell: (row) => <DateTime at={row.created_at} /> },
    { id: "status", header: t("repricing.status"), width: "120px", cell: (row) => <RepricingStatus row={row} /> },
  ];
}

export function RepricingStatus({ row }: { row: Repricing }) {
  const t = useT();
  const tone = { estimating: "text-muted-foreground", estimated: "font-medium text-warn", running: "font-medium", done: "text-muted-foreground", cancelled: "text-muted-foreground", failed: "font-medium text-bad" }[row.status];
  return <span className={cn(tone)}>{t(`repricing.status.${row.status}`)}</span>;
}
