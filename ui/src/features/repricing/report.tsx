import type { RepricingLine, RepricingReport } from "@/api/types";
import { useMe } from "@/api/session";
import { Count, Money } from "@/components/numbers";
import { useT, type MessageKey } from "@/i18n/i18n";
import { difference } from "@/lib/decimal";
import { formatCount } from "@/lib/format";

/** Sums of a re-pricing: the whole, then by model, team and day. */
export function Report({ title, report, isEstimate }: { title: string; report: RepricingReport; isEstimate: boolean }) {
  const t = useT();
  const me = useMe();
  const { sums } = report;
  const notes: readonly (readonly [MessageKey, number])[] = [
    [isEstimate ? "repricing.wouldKnow" : "repricing.becameKnown", sums.became_known],
    ["repricing.stillUnknown", sums.still_unknown],
    ["repricing.notPriced", report.not_priced],
    ["repricing.notMeasured", report.not_measured],
    ["repricing.tierAssumed", report.tier_assumed],
  ];
  const team = (id: string) => me.teams.find((one) => one.id === id)?.name ?? id;
  return (
    <section aria-label={title} className="flex flex-col gap-4">
      <div>
        <h2 className="mb-1 font-semibold">{title}</h2>
        <p className="text-lg font-semibold">
          <Money amount={sums.old_cost} /> <span className="text-faint">→</span> <Money amount={sums.new_cost} />{" "}
          <span className="text-sm font-normal text-muted-foreground">
            (<Signed oldCost={sums.old_cost} newCost={sums.new_cost} />)
          </span>
        </p>
        <p className="text-muted-foreground">
          {t("repricing.calls")} <Count value={sums.calls} />, {t("repricing.changed")} <Count value={sums.changed} />
        </p>
        <ul className="mt-1 text-muted-foreground">
          {notes.filter(([, n]) => n > 0).map(([key, n]) => (
            <li key={key}>{t(key, { n: formatCount(n) })}</li>
          ))}
        </ul>
      </div>
      <Lines title={t("repricing.byModel")} lines={report.by_model} isEstimate={isEstimate} nameOf={(name) => name} />
      {report.by_team.length > 1 && <Lines title={t("repricing.byTeam")} lines={report.by_team} isEstimate={isEstimate} nameOf={team} />}
      <Lines title={t("repricing.byDay")} lines={report.by_day} isEstimate={isEstimate} nameOf={(name) => name} />
    </section>
  );
}

function Lines({ title, lines, isEstimate, nameOf }: { title: string; lines: readonly RepricingLine[]; isEstimate: boolean; nameOf: (name: string) => string }) {
  const t = useT();
  if (lines.length === 0) return null;
  return (
    <div role="region" aria-label={title} tabIndex={0} className="overflow-x-auto">
      <table className="w-full">
        <caption className="pb-1 text-left text-xs font-medium">{title}</caption>
        <thead className="text-xs text-muted-foreground">
          <tr className="h-7 border-b">
            <th className="text-left font-normal"><span className="sr-only">{title}</span></th>
            <th className="w-20 pl-3 text-right font-normal">{t("repricing.changed")}</th>
            <th className="w-20 pl-3 text-right font-normal">{t("repricing.old")}</th>
            <th className="w-20 pl-3 text-right font-normal">{t(isEstimate ? "repricing.would" : "repricing.newCost")}</th>
            <th className="w-20 pl-3 text-right font-normal">{t("repricing.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, sums }) => (
            <tr key={name} className="h-8 border-b">
              <td className="min-w-24 wrap-any">{name === "" ? <span className="text-faint">{t("repricing.others")}</span> : nameOf(name)}</td>
              <td className="pl-3 text-right"><Count value={sums.changed} /></td>
              <td className="pl-3 text-right">{sums.became_known + sums.still_unknown === sums.calls ? <Money amount={null} /> : <Money amount={sums.old_cost} />}</td>
              <td className="pl-3 text-right">{sums.still_unknown === sums.calls ? <Money amount={null} /> : <Money amount={sums.new_cost} />}</td>
              <td className="pl-3 text-right"><Signed oldCost={sums.old_cost} newCost={sums.new_cost} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Signed({ oldCost, newCost }: { oldCost: string; newCost: string }) {
  const amount = difference(oldCost, newCost);
  return (
    <>
      {Number(amount) > 0 && "+"}
      <Money amount={amount} />
    </>
  );
}
