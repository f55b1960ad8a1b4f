import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { Link, Outlet, useParams } from "react-router";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Model, Provider } from "@/api/types";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { formatCount } from "@/lib/format";
import { usePrefs } from "@/lib/prefs";
import { callsUrl, urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { InAndOut } from "./model-facts";

export function ModelsPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const models = useQuery(queries.models());
  const providers = useQuery(queries.providers());
  const error = models.error ?? providers.error;
  const admin = canAdminister(me, teamId);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.models") }]}>
        <Button asChild size="sm" variant="ghost">
          <Link to={urls.prices()}>{t("prices.title")}</Link>
        </Button>
        {admin && (
          <>
            <Button asChild size="sm" variant="outline">
              <Link to={urls.provider("new")}>
                <Plus />
                {t("models.newProvider")}
              </Link>
            </Button>
            <Button asChild size="sm">
              <Link to={urls.model("new")}>
                <Plus />
                {t("models.newModel")}
              </Link>
            </Button>
          </>
        )}
      </TopBar>
      <div className="relative flex min-h-0 flex-1">
        <div className="@container min-w-0 flex-1 overflow-y-auto pb-10" tabIndex={0} role="region" aria-label={t("nav.models")}>
          {error !== null ? (
            <ErrorState error={error} onRetry={() => void Promise.all([models.refetch(), providers.refetch()])} />
          ) : models.data === undefined || providers.data === undefined ? (
            <SkeletonRows rows={8} height={36} />
          ) : (
            <>
              <ModelTable models={[...models.data.items].sort((a, b) => a.model.localeCompare(b.model))} />
              <ProviderTable providers={providers.data.items} models={models.data.items} />
            </>
          )}
        </div>
        <Outlet />
      </div>
    </>
  );
}

function ModelTable({ models }: { models: readonly Model[] }) {
  const t = useT();
  const { modelId } = useParams();
  if (models.length === 0) return <EmptyState title={t("models.empty")}>{t("models.emptyBody")}</EmptyState>;
  return (
    <table className="w-full text-sm">
      <thead className="text-left text-xs text-muted-foreground">
        <tr className="h-8 border-b">
          <th className="pl-4 font-normal">{t("calls.model")}</th>
          <th className="font-normal">{t("models.answeredBy")}</th>
          <th className="font-normal @max-3xl:hidden">{t("models.operations")}</th>
          <th className="font-normal @max-5xl:hidden">{t("models.inAndOut")}</th>
          <th className="pr-6 text-right font-normal @max-3xl:hidden">{t("models.context")}</th>
          <th className="pr-4 text-right font-normal">{t("dash.calls")}</th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.id} className={cn("h-9 border-b hover:bg-hover", model.id === modelId && "bg-selected hover:bg-selected")}>
            <td className="pl-4">
              <Link to={urls.model(model.id)} className="font-mono text-xs font-medium hover:underline">{model.model}</Link>
              {model.shared && <span className="ml-2 text-2xs text-faint">{t("models.shared")}</span>}
              {model.aliases.length > 0 && <span className="block font-mono text-2xs text-faint">{model.aliases.join(", ")}</span>}
            </td>
            <td className="text-muted-foreground">
              {[...model.targets].sort((a, b) => a.priority - b.priority).map((target, index, ordered) => (
                <span key={target.deployment_id}>
                  {index > 0 && <span className="text-faint">{target.priority === ordered[index - 1]?.priority ? " · " : " → "}</span>}
                  {target.provider_name}
                  {target.upstream_model !== model.model && <span className="text-faint"> {target.upstream_model}</span>}
                </span>
              ))}
            </td>
            <td className="text-muted-foreground @max-3xl:hidden">{model.operations.map((one) => t(`models.operation.${one}`)).join(", ")}</td>
            <td className="text-muted-foreground @max-5xl:hidden"><InAndOut facts={model.facts} /></td>
            <td className="pr-6 text-right text-muted-foreground tabular-nums @max-3xl:hidden">{model.facts?.max_input_tokens == null ? "" : formatCount(model.facts.max_input_tokens)}</td>
            <td className="pr-4 text-right">
              <Link to={callsUrl({ model: model.model })} className="text-link hover:underline" aria-label={t("models.callsOf", { name: model.model })}>{t("models.seeCalls")}</Link>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ProviderTable({ providers, models }: { providers: readonly Provider[]; models: readonly Model[] }) {
  const t = useT();
  const { providerId } = useParams();
  const uses = (id: string) => models.filter((model) => model.targets.some((target) => target.provider_id === id)).length;
  return (
    <section className="mt-8">
      <h2 className="px-4 pb-1 text-sm font-semibold">{t("models.providers")}</h2>
      <table className="w-full text-sm">
        <thead className="text-left text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="pl-4 font-normal">{t("common.name")}</th>
            <th className="font-normal">{t("models.address")}</th>
            <th className="font-normal">{t("models.credentials")}</th>
            <th className="pr-4 text-right font-normal">{t("nav.models")}</th>
          </tr>
        </thead>
        <tbody>
          {providers.map((provider) => (
            <tr key={provider.id} className={cn("h-9 border-b hover:bg-hover", provider.id === providerId && "bg-selected hover:bg-selected")}>
              <td className="pl-4">
                <Link to={urls.provider(provider.id)} className="font-medium hover:underline">{provider.name}</Link>
                {provider.shared && <span className="ml-2 text-2xs text-faint">{t("models.shared")}</span>}
              </td>
              <td className="text-muted-foreground">{provider.kind === "simulator" ? t("models.builtIn") : <code className="text-xs">{provider.base_url}</code>}</td>
              <td className="text-muted-foreground">{provider.kind === "simulator" ? t("models.notNeeded") : provider.credentials.length === 0 ? <span className="text-warn">{t("common.none")}</span> : provider.credentials.map((one) => one.name).join(", ")}</td>
              <td className="pr-4 text-right tabular-nums">{uses(provider.id)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
