import type { ReactNode } from "react";
import type { Model } from "@/api/types";
import { useT } from "@/i18n/i18n";
import { formatCount } from "@/lib/format";

type Facts = Model["facts"];

/** The kinds of content a model takes and gives, in one line. */
export function InAndOut({ facts }: { facts: Facts }) {
  const t = useT();
  if (facts == null || facts.input.length + facts.output.length === 0) return null;
  const names = (kinds: typeof facts.input) => kinds.map((kind) => t(`models.modality.${kind}`)).join(", ");
  return (
    <>
      {names(facts.input)}
      {facts.output.length > 0 && <span className="text-faint"> → </span>}
      {names(facts.output)}
    </>
  );
}

/** What all deployments of a model can do, as far as it is known. */
export function ModelFacts({ facts }: { facts: Facts }) {
  const t = useT();
  return (
    <section className="flex flex-col gap-2 border-t pt-4">
      <h3 className="text-sm font-semibold">{t("models.facts")}</h3>
      {facts == null ? (
        <p className="text-sm text-muted-foreground">{t("models.factsUnknown")}</p>
      ) : (
        <dl className="grid grid-cols-[120px_minmax(0,1fr)] gap-x-3 gap-y-1 text-sm">
          <Fact label={t("models.maxInput")}>{facts.max_input_tokens != null && t("models.contextOf", { tokens: formatCount(facts.max_input_tokens) })}</Fact>
          <Fact label={t("models.maxOutput")}>{facts.max_output_tokens != null && t("models.contextOf", { tokens: formatCount(facts.max_output_tokens) })}</Fact>
          <Fact label={t("models.takes")}>{facts.input.map((kind) => t(`models.modality.${kind}`)).join(", ")}</Fact>
          <Fact label={t("models.gives")}>{facts.output.map((kind) => t(`models.modality.${kind}`)).join(", ")}</Fact>
          <Fact label={t("models.abilities")}>{facts.abilities.map((ability) => t(`models.ability.${ability}`)).join(", ")}</Fact>
          <Fact label={t("models.endsOn")}>{facts.ends_on}</Fact>
        </dl>
      )}
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <>
      <dt className="text-muted-foreground">{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
