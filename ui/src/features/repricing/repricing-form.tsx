import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Price } from "@/api/types";
import { Field } from "@/components/field";
import { SidePanel } from "@/components/side-panel";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT, type Translate } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { fieldOf, namesOf } from "./repricing";

const MONTH_MS = 30 * 86_400_000;

/** Which calls get which price. */
export function RepricingForm() {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  return (
    <SidePanel label={t("repricing.new")} title={t("repricing.new")} onClose={() => void navigate(urls.repricings())}>
      {me.role === "admin" ? <Form /> : <EmptyState title={t("error.forbidden")} />}
    </SidePanel>
  );
}

function Form() {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [params] = useSearchParams();
  const [draft, setDraft] = useState(() => ({
    price: params.get("price") ?? "",
    models: "",
    provider: "",
    deployment: "",
    from: fieldOf(new Date(Date.now() - MONTH_MS)),
    to: fieldOf(new Date(Date.now() + 60_000)),
    allTeams: false,
  }));
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const prices = useQuery(queries.setPrices());
  const set = prices.data?.items.filter((price) => typeof price.id === "string") ?? [];
  const ask = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/repricings", {
          body: {
            price_id: draft.price === "" ? null : draft.price,
            provider: draft.provider.trim() === "" ? null : draft.provider,
            models: namesOf(draft.models),
            deployment: draft.deployment.trim() === "" ? null : draft.deployment,
            from: new Date(draft.from).toISOString(),
            to: new Date(draft.to).toISOString(),
            all_teams: draft.allTeams,
          },
        }),
      ),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["repricings"] });
      void navigate(urls.repricing(made.id));
    },
  });
  return (
    <form
      className="flex max-w-md flex-col gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <Field label={t("repricing.price")} hint={t(draft.price === "" ? "repricing.inForceHint" : "repricing.oneHint")}>
        {(props) => (
          <NativeSelect {...props} value={draft.price} onChange={(event) => change({ price: event.target.value })}>
            <option value="">{t("repricing.inForce")}</option>
            {set.map((price) => (
              <option key={price.id} value={price.id ?? ""}>
                {nameOf(price, t)}
              </option>
            ))}
          </NativeSelect>
        )}
      </Field>
      <Field label={`${t("repricing.models")} (${t("common.optional")})`} hint={t("repricing.modelsHint")}>
        {(props) => <Input {...props} className="font-mono text-xs" value={draft.models} onChange={(event) => change({ models: event.target.value })} />}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label={`${t("repricing.provider")} (${t("common.optional")})`}>
          {(props) => <Input {...props} maxLength={100} className="font-mono text-xs" value={draft.provider} onChange={(event) => change({ provider: event.target.value })} />}
        </Field>
        <Field label={`${t("repricing.deployment")} (${t("common.optional")})`}>
          {(props) => <Input {...props} maxLength={200} className="font-mono text-xs" value={draft.deployment} onChange={(event) => change({ deployment: event.target.value })} />}
        </Field>
      </div>
      <div className="flex flex-wrap gap-3">
        <Field label={t("repricing.from")}>{(props) => <Input {...props} type="datetime-local" required className="w-52 max-w-full" value={draft.from} onChange={(event) => change({ from: event.target.value })} />}</Field>
        <Field label={t("repricing.to")}>{(props) => <Input {...props} type="datetime-local" required className="w-52 max-w-full" value={draft.to} onChange={(event) => change({ to: event.target.value })} />}</Field>
      </div>
      <label className="flex h-7 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={draft.allTeams} onChange={(event) => change({ allTeams: event.target.checked })} />
        {t("repricing.allTeams")}
      </label>
      {ask.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(ask.error, t)}</p>}
      <Button type="submit" className="self-start" disabled={ask.isPending}>
        {t("repricing.estimate")}
      </Button>
    </form>
  );
}

function nameOf(price: Price, t: Translate): string {
  return `${price.provider} / ${price.model} ${t("prices.version", { n: price.version })}, ${t(`prices.source.${price.source}`)}`;
}
