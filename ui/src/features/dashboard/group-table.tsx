import { Link } from "react-router";
import type { Group } from "@/api/types";
import { AgentChip } from "@/components/agent-chip";
import { Count, Duration, Money, Unknown } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { callsUrl } from "@/lib/urls";

interface GroupTableProps {
  title: string;
  kind: "model" | "agent";
  groups: readonly Group[];
  from: string;
}

/** Who used how much, largest first; the bar is the share of calls. */
export function GroupTable({ title, kind, groups, from }: GroupTableProps) {
  const t = useT();
  const most = Math.max(1, ...groups.map((group) => group.calls));
  return (
    <section className="min-w-0">
      <h2 className="mb-1 text-sm font-semibold">{title}</h2>
      <table className="w-full text-sm">
        <thead className="text-xs text-muted-foreground">
          <tr className="h-8 border-b">
            <th className="text-left font-normal">{t(kind === "model" ? "calls.model" : "calls.agent")}</th>
            <th className="w-16 text-right font-normal">{t("dash.calls")}</th>
            <th className="w-20 text-right font-normal">{t("dash.tokens")}</th>
            <th className="w-20 text-right font-normal">{t("dash.cost")}</th>
            <th className="w-20 text-right font-normal">{t("dash.p95")}</th>
            <th className="w-16 text-right font-normal">{t("dash.errors")}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.name} className="h-9 border-b hover:bg-hover">
              <td className="max-w-0">
                <Link to={callsUrl({ [kind]: group.name, from })} className="relative flex h-9 items-center">
                  <span aria-hidden className="absolute bottom-0 left-0 h-0.5" style={{ width: `${String((group.calls / most) * 100)}%`, backgroundColor: kind === "agent" ? agentColor(group.name) : "var(--ring)" }} />
                  {kind === "agent" ? <AgentChip name={group.name} fallback={t("trace.noAgent")} /> : group.name === "" ? <span className="text-faint">{t("dash.noModel")}</span> : <span className="truncate">{group.name}</span>}
                </Link>
              </td>
              <td className="text-right"><Count value={group.calls} /></td>
              <td className="text-right"><Count value={group.input_tokens + group.output_tokens} /></td>
              <td className="text-right">{group.calls > 0 && group.unknown_cost_calls === group.calls ? <Unknown /> : <Money amount={group.cost} />}</td>
              <td className="text-right"><Duration ms={group.duration_p95_us === null || group.duration_p95_us === undefined ? null : group.duration_p95_us / 1_000} /></td>
              <td className="text-right">{group.errors > 0 ? <span className="font-medium text-bad"><Count value={group.errors} /></span> : <span className="text-faint">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {groups.length === 0 && <p className="py-4 text-sm text-muted-foreground">{t("dash.nothing")}</p>}
    </section>
  );
}
