import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo, useRef } from "react";
import { Link, Outlet, useNavigate, useParams } from "react-router";
import { queries } from "@/api/queries";
import type { ApiKey } from "@/api/types";
import { DataTable, type Column } from "@/components/data-table";
import { DateTime } from "@/components/numbers";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useWidth } from "@/hooks/use-width";
import { useT, type Translate } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { urls } from "@/lib/urls";
import { keyState } from "./key-state";
import { TokenRules } from "./token-rules";

export function KeysPage() {
  const t = useT();
  const navigate = useNavigate();
  const { keyId } = useParams();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const query = useQuery(queries.keys());
  const rows = query.data?.items ?? [];
  const columns = useMemo(() => keyColumns(t), [t]);
  const index = rows.findIndex((row) => row.id === keyId);
  const walk = (by: number) => {
    const row = rows[index + by];
    if (row !== undefined) void navigate(urls.key(row.id));
  };
  useHotkeys({ j: () => walk(1), k: () => walk(-1) });
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.keys") }]}>
        <Button asChild size="sm">
          <Link to={urls.key("new")}>
            <Plus />
            {t("keysPage.make")}
          </Link>
        </Button>
      </TopBar>
      <div className="relative flex min-h-0 flex-1">
        <div ref={box} className="flex min-w-0 flex-1 flex-col">
          {query.error !== null && query.data === undefined ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : query.isPending ? (
            <SkeletonRows rows={4} />
          ) : rows.length === 0 ? (
            <EmptyState title={t("keysPage.empty")}>{t("keysPage.emptyBody")}</EmptyState>
          ) : (
            <DataTable label={t("nav.keys")} rows={rows} columns={columns} rowKey={(row) => row.id} selectedKey={keyId ?? null} onOpen={(row) => void navigate(urls.key(row.id))} listWidth={width} />
          )}
          <TokenRules />
        </div>
        <Outlet />
      </div>
    </>
  );
}

function keyColumns(t: Translate): readonly Column<ApiKey>[] {
  return [
    {
      id: "name",
      header: t("common.name"),
      width: "minmax(120px,1fr)",
      cell: (key) => (
        <Link to={urls.key(key.id)} className="font-medium hover:underline">
          {key.name}
        </Link>
      ),
    },
    { id: "hint", header: t("keysPage.key"), width: "150px", minListWidth: 420, cell: (key) => <code className="text-xs text-muted-foreground">{key.hint}</code> },
    { id: "permissions", header: t("keysPage.permissions"), width: "minmax(0,1fr)", minListWidth: 640, cell: (key) => <span className="text-muted-foreground">{key.permissions.map((one) => t(`permission.${one}`)).join(", ")}</span> },
    { id: "models", header: t("keysPage.models"), width: "minmax(0,1fr)", minListWidth: 900, cell: (key) => <span className="text-muted-foreground">{key.allowed_models.length === 0 ? t("common.all") : key.allowed_models.join(", ")}</span> },
    { id: "used", header: t("keysPage.lastUsed"), width: "130px", minListWidth: 760, cell: (key) => (key.last_used_at === null || key.last_used_at === undefined ? <span className="text-faint">{t("common.never")}</span> : <DateTime at={key.last_used_at} />) },
    { id: "expires", header: t("keysPage.expires"), width: "130px", minListWidth: 900, cell: (key) => (key.expires_at === null || key.expires_at === undefined ? <span className="text-faint">{t("common.never")}</span> : <DateTime at={key.expires_at} />) },
    { id: "state", header: t("common.status"), width: "84px", cell: (key) => <KeyStateMark apiKey={key} /> },
  ];
}

export function KeyStateMark({ apiKey }: { apiKey: ApiKey }) {
  const t = useT();
  const state = keyState(apiKey, new Date());
  if (state === "active") return <span className="text-muted-foreground">{t("keyState.active")}</span>;
  return <span className="font-medium text-warn">{t(`keyState.${state}`)}</span>;
}
