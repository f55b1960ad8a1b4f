import type { ReactNode } from "react";
import type { CallDetail, TokenUsage } from "@/api/types";
import { Count, Duration, Money, Unknown } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { formatMoney } from "@/lib/format";
import { tokenClasses } from "@/lib/tokens";

/** The numbers of one call: where the time went, which tokens, what they cost, which way it took. */
export function NumberStrip({ call }: { call: CallDetail }) {
  const t = useT();
  const cached = call.cache === "hit";
  const refused = call.attempt_count === 0 && !cached;
  return (
    <div className="border-b">
      <TimeLine call={call} />
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(150px,1fr))] gap-x-6 gap-y-3 px-4 pt-3 pb-4 text-sm">
        <Figure label={t("calls.tokens")} note={<TokenClasses usage={call.usage} />}>
          {call.usage_source === "none" ? (
            <span className="text-faint">–</span>
          ) : (
            <>
              <Count value={call.input_tokens} /> <span className="text-faint">→</span> <Count value={call.output_tokens} />
            </>
          )}
        </Figure>
        <Figure label={t("calls.cost")} note={<CostClasses call={call} />}>
          {refused ? <span className="text-faint">–</span> : <Money amount={call.cost} />}
        </Figure>
        <Figure
          label={t("call.route")}
          note={
            refused || cached ? undefined : (
              <>
                {t("call.attempts")} <Count value={call.attempt_count} />
              </>
            )
          }
        >
          <span className={refused ? "text-sm font-normal" : "wrap-any"}>{refused ? t("call.refused") : cached ? t("call.fromCache") : (call.provider ?? call.deployment ?? <Unknown />)}</span>
        </Figure>
      </dl>
    </div>
  );
}

function Figure({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd>
        <div className="text-lg font-semibold tabular-nums">{children}</div>
        {note !== undefined && <div className="text-xs text-muted-foreground tabular-nums">{note}</div>}
      </dd>
    </div>
  );
}

function TokenClasses({ usage }: { usage: TokenUsage }) {
  const t = useT();
  const used = tokenClasses(usage);
  return (
    <ul>
      {used.map(([name, count]) => (
        <li key={name} className="flex gap-2">
          <span className="w-14 text-right text-foreground">
            <Count value={count} />
          </span>
          {t(`call.${name}`)}
        </li>
      ))}
    </ul>
  );
}

function CostClasses({ call }: { call: CallDetail }) {
  const t = useT();
  const { costs } = call;
  const metered = call.repricings[0];
  if (costs === null || costs === undefined) return null;
  const rows = [
    ["call.input", costs.input],
    ["call.cache", costs.cache],
    ["call.output", costs.output],
  ] as const;
  return (
    <ul>
      {rows
        .filter(([, amount]) => Number(amount) !== 0)
        .map(([label, amount]) => (
          <li key={label} className="flex gap-2">
            <span className="w-16 text-right text-foreground">
              <Money amount={amount} />
            </span>
            {t(label)}
          </li>
        ))}
      {call.price_version !== null && call.price_version !== undefined && (
        <li>
          {t("call.price")} {call.price_version === 0 ? t("call.priceShipped") : call.price_version}
        </li>
      )}
      {metered !== undefined && <li>{t("repricing.whatWas", { cost: metered.old_cost === null || metered.old_cost === undefined ? t("common.unknown") : formatMoney(metered.old_cost) })}</li>}
    </ul>
  );
}

/** Where the time went, to scale: the gateway, the wait for the first token, the rest. */
function TimeLine({ call }: { call: CallDetail }) {
  const t = useT();
  const total = Math.max(call.duration_us, 1);
  const first = call.first_token_us ?? null;
  const color = agentColor(call.agent);
  const share = (us: number) => `${String(Math.min(100, (us / total) * 100))}%`;
  return (
    <div className="px-4 pt-3">
      <div aria-hidden className="relative h-2 w-full overflow-hidden rounded-[2px] bg-sunken">
        <span className="absolute inset-y-0 left-0 opacity-35" style={{ width: share(first ?? total), backgroundColor: color }} />
        {first !== null && <span className="absolute inset-y-0 right-0" style={{ left: share(first), backgroundColor: color }} />}
      </div>
      <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 text-xs text-muted-foreground">
        <TimePart label={t("call.total")} us={call.duration_us} strong />
        {first !== null && <TimePart label={t("call.firstToken")} us={first} strong />}
        {call.upstream_us > 0 && <TimePart label={t("call.upstream")} us={call.upstream_us} />}
        <TimePart label={t("call.overhead")} us={call.overhead_us} />
        {call.connect_us > 0 && <TimePart label={t("call.connect")} us={call.connect_us} />}
        {call.queue_us > 0 && <TimePart label={t("call.queue")} us={call.queue_us} />}
      </dl>
    </div>
  );
}

function TimePart({ label, us, strong = false }: { label: string; us: number; strong?: boolean }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt>{label}</dt>
      <dd className={strong ? "text-sm font-semibold text-foreground" : "text-foreground"}>
        <Duration ms={us / 1_000} />
      </dd>
    </div>
  );
}
