import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { cardOf, commonMeters, isPerToken, rowsOf, tokenMeters, type PriceRow } from "./price-card";

interface PriceFormProps {
  /** Both empty: for any model. */
  provider: string;
  model: string;
  /** What the form begins with. */
  card: Record<string, string>;
}

/** Puts a price over the one in force. Calls that were metered keep theirs. */
export function PriceForm({ provider, model, card }: PriceFormProps) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const fixed = model !== "";
  const [names, setNames] = useState({ provider, model });
  const [rows, setRows] = useState<PriceRow[]>(() => (fixed ? rowsOf(card) : commonMeters.map((key) => ({ key, price: "" }))));
  const [from, setFrom] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        client.PUT("/api/prices", {
          body: { provider: names.provider.trim(), model: names.model.trim(), card: cardOf(rows), effective_from: from === "" ? null : new Date(from).toISOString(), shared },
        }),
      ),
    onSuccess: async (made) => {
      showToast("done", t("common.saved"));
      await queryClient.invalidateQueries({ queryKey: ["prices"] });
      void navigate(urls.price(made.provider, made.model));
    },
  });
  const change = (index: number, part: Partial<PriceRow>) => setRows(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  return (
    <form
      className="flex max-w-md flex-col gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {!fixed && (
        <>
          <Field label={t("calls.provider")} hint={t("models.priceNameHint")}>
            {(props) => <Input {...props} required maxLength={100} className="font-mono text-xs" value={names.provider} onChange={(event) => setNames({ ...names, provider: event.target.value })} />}
          </Field>
          <Field label={t("calls.model")}>{(props) => <Input {...props} required maxLength={200} className="font-mono text-xs" value={names.model} onChange={(event) => setNames({ ...names, model: event.target.value })} />}</Field>
        </>
      )}
      <datalist id="price-meters">{tokenMeters.map((meter) => <option key={meter} value={meter} />)}</datalist>
      <div role="group" aria-label={t("prices.rates")} className="flex flex-col gap-2">
        {rows.map((row, index) => (
          <div key={index} className="grid grid-cols-[1fr_96px_104px_28px] items-center gap-2">
            <Input aria-label={t("prices.what")} list="price-meters" className="font-mono text-xs" value={row.key} onChange={(event) => change(index, { key: event.target.value })} />
            <Input aria-label={t("prices.priceOf", { name: row.key })} inputMode="decimal" className="text-right tabular-nums" value={row.price} onChange={(event) => change(index, { price: event.target.value })} />
            <span className="text-xs text-muted-foreground">{t(isPerToken(row.key) ? "prices.perMillion" : "prices.perPiece")}</span>
            <Button variant="ghost" size="icon" aria-label={t("prices.remove", { name: row.key })} onClick={() => setRows(rows.filter((_, at) => at !== index))}>
              <X />
            </Button>
          </div>
        ))}
        <Button variant="ghost" size="sm" className="self-start" onClick={() => setRows([...rows, { key: "", price: "" }])}>
          <Plus />
          {t("prices.add")}
        </Button>
      </div>
      <Field label={`${t("prices.from")} (${t("common.optional")})`} hint={t("prices.fromHint")}>
        {(props) => <Input {...props} type="datetime-local" className="w-56" value={from} onChange={(event) => setFrom(event.target.value)} />}
      </Field>
      <label className="flex h-7 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={shared} onChange={(event) => setShared(event.target.checked)} />
        {t("prices.forAll")}
      </label>
      {save.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(save.error, t)}</p>}
      <Button type="submit" className="self-start" disabled={save.isPending}>
        {t("prices.set")}
      </Button>
    </form>
  );
}
