import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Price } from "@/api/types";
import { DateTime } from "@/components/numbers";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { isPerToken, rowsOf } from "./price-card";
import { PriceForm } from "./price-form";
import { PriceSourceMark } from "./prices-page";

/** One model's price: the version in force, those to come, the shipped one, and what an administrator puts over them. */
export function PricePanel() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const provider = params.get("provider") ?? "";
  const model = params.get("model") ?? "";
  const making = provider === "" && model === "";
  const title = making ? t("prices.set") : model;
  return (
    <SidePanel label={title} title={making ? title : <code className="text-xs">{model}</code>} onClose={() => void navigate(urls.prices())}>
      {making ? (
        me.role === "admin" ? <PriceForm key="new" provider="" model="" card={{}} /> : <EmptyState title={t("error.forbidden")} />
      ) : (
        <OnePrice key={`${provider} ${model}`} provider={provider} model={model} />
      )}
    </SidePanel>
  );
}

function OnePrice({ provider, model }: { provider: string; model: string }) {
  const t = useT();
  const me = useMe();
  const query = useInfiniteQuery(queries.prices(model, provider));
  if (query.error !== null) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <SkeletonRows rows={6} />;
  const versions = query.data.pages.flatMap((page) => page.items).filter((price) => price.provider === provider && price.model === model);
  const first = versions[0];
  if (first === undefined) return <EmptyState title={t("error.notFound")} />;
  return (
    <div className="flex flex-col gap-7 py-4">
      {versions.map((price) => (
        <Version key={`${price.source} ${String(price.version)}`} price={price} />
      ))}
      {me.role === "admin" && (
        <section aria-label={t("prices.override")}>
          <h2 className="px-4 text-sm font-semibold">{t("prices.override")}</h2>
          <PriceForm provider={provider} model={model} card={first.card} />
        </section>
      )}
    </div>
  );
}

function Version({ price }: { price: Price }) {
  const t = useT();
  const me = useMe();
  return (
    <section aria-label={t(`prices.source.${price.source}`)} className="px-4 text-sm">
      <h2 className="mb-2 flex items-baseline gap-2">
        <PriceSourceMark price={price} />
        {price.effective_from !== null && price.effective_from !== undefined && (
          <span className="text-xs text-muted-foreground">
            {t("prices.from")} <DateTime at={price.effective_from} />
          </span>
        )}
      </h2>
      <table className="w-full max-w-md">
        <tbody>
          {rowsOf(price.card).map((row) => (
            <tr key={row.key} className="h-7 border-b">
              <th scope="row" className="text-left font-normal"><code className="text-xs">{row.key}</code></th>
              <td className="text-right tabular-nums">${row.price}</td>
              <td className="w-28 pl-2 text-xs text-muted-foreground">{t(isPerToken(row.key) ? "prices.perMillion" : "prices.perPiece")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {me.role === "admin" && price.id !== null && price.id !== undefined && (
        <Link to={urls.newRepricing(price.id)} className="mt-2 inline-block text-muted-foreground underline-offset-2 hover:underline">
          {t("repricing.applyPast")}
        </Link>
      )}
    </section>
  );
}
