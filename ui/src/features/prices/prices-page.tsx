import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Price } from "@/api/types";
import type { Column } from "@/components/data-table";
import { DateTime } from "@/components/numbers";
import { PagedList } from "@/components/paged-list";
import { EmptyState } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useSettled } from "@/hooks/use-settled";
import { useT, type Translate } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { spoken } from "./price-card";

const rowKey = (price: Price) => `${price.source} ${price.provider} ${price.model} ${String(price.version)}`;

/** What models cost: prices people set, then the shipped table. */
export function PricesPage() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [search, setSearch] = useState("");
  const query = useInfiniteQuery(queries.prices(useSettled(search.trim(), 200)));
  const columns = useMemo(() => priceColumns(t), [t]);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.models"), to: urls.models() }, { label: t("prices.title") }]}>
        {me.role === "admin" && (
          <>
            <Button asChild size="sm" variant="ghost">
              <Link to={urls.repricings()}>{t("repricing.open")}</Link>
            </Button>
            <Button asChild size="sm">
              <Link to={urls.newPrice()}>
                <Plus />
                {t("prices.set")}
              </Link>
            </Button>
          </>
        )}
      </TopBar>
      <PagedList
        label={t("prices.title")}
        query={query}
        columns={columns}
        rowKey={rowKey}
        isSelected={(price) => price.provider === params.get("provider") && price.model === params.get("model")}
        onOpen={(price) => void navigate(urls.price(price.provider, price.model))}
        skeletonRows={12}
        head={
          <div className="flex items-center gap-3 border-b px-4 py-2">
            <Input type="search" aria-label={t("prices.search")} placeholder={t("prices.search")} className="max-w-72" value={search} onChange={(event) => setSearch(event.target.value)} />
            <span className="text-xs text-muted-foreground">{t("prices.unit")}</span>
          </div>
        }
        empty={<EmptyState title={t("prices.none")}>{t("prices.noneBody")}</EmptyState>}
      />
    </>
  );
}

function priceColumns(t: Translate): readonly Column<Price>[] {
  const meter = (key: string, minListWidth: number, header: string): Column<Price> => ({
    id: key,
    header,
    width: "96px",
    align: "right",
    minListWidth,
    cell: (price) => {
      const found = price.card[key];
      return found === undefined ? <span className="text-faint">–</span> : <span className="tabular-nums">{spoken(key, found)}</span>;
    },
  });
  return [
    {
      id: "model",
      header: t("calls.model"),
      width: "minmax(140px,1fr)",
      cell: (price) => (
        <Link to={urls.price(price.provider, price.model)} className="font-mono text-xs font-medium hover:underline" title={price.model}>
          {price.model}
        </Link>
      ),
    },
    { id: "provider", header: t("calls.provider"), width: "minmax(80px,160px)", minListWidth: 420, cell: (price) => <span className="text-muted-foreground">{price.provider}</span> },
    meter("input", 480, t("call.input")),
    meter("cache_read", 860, t("call.cache")),
    meter("output", 560, t("call.output")),
    { id: "from", header: t("prices.from"), width: "140px", minListWidth: 960, cell: (price) => (price.effective_from === null || price.effective_from === undefined ? <span className="text-faint">–</span> : <DateTime at={price.effective_from} />) },
    { id: "source", header: t("prices.source"), width: "118px", cell: (price) => <PriceSourceMark price={price} /> },
  ];
}

/** Who set it; a price people set is what stands out. */
export function PriceSourceMark({ price }: { price: Price }) {
  const t = useT();
  const text = t(`prices.source.${price.source}`);
  if (price.source === "shipped") return <span className="text-muted-foreground">{text}</span>;
  const later = price.effective_from !== null && price.effective_from !== undefined && new Date(price.effective_from) > new Date();
  return (
    <span className={later ? "text-warn" : "font-medium"}>
      {text} {t("prices.version", { n: price.version })}
    </span>
  );
}
