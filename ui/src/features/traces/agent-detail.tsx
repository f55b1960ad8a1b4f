import { useMemo, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import type { GraphEdge } from "@/api/types";
import { foundReason } from "@/components/found-mark";
import { Count, Duration, Money, TokenFlow } from "@/components/numbers";
import { CorrectButtons } from "@/features/corrections/correct-buttons";
import { mainFingerprint } from "@/features/corrections/correction";
import { useT } from "@/i18n/i18n";
import { isHinted, surePercent } from "@/lib/found";
import { callsUrl, urls } from "@/lib/urls";
import { AgentLabel } from "./agent-label";
import { conversationsOf, targetsOf } from "./correctable";
import type { Look } from "./look";
import { passedBetween } from "./passed";
import type { RunTree } from "./run-tree";
import { internalLabel } from "./tree-row";

interface AgentDetailProps {
  look: Look;
  looks: ReadonlyMap<string, Look>;
  tree: RunTree;
  onAgent: (agent: string) => void;
  /** What else is known of the step that was chosen. */
  children?: ReactNode;
}

/** One agent of a run: how it is known, what it used, with whom it works, and the way to correct it. */
export function AgentDetail({ look, looks, tree, onAgent, children }: AgentDetailProps) {
  const t = useT();
  const { speaker } = look;
  const { totals } = speaker;
  const { traceId = "" } = useParams();
  // The same calls that were counted: of this run, however long ago it was.
  const itsCalls = { agent: look.name ?? "", trace_id: traceId, from: new Date(tree.startedAt).toISOString() };
  const fingerprint = mainFingerprint(speaker.agent, speaker.fingerprints);
  const parts = useMemo(() => conversationsOf(tree, look.key), [tree, look.key]);
  return (
    <div className="flex flex-col gap-5 px-4 py-4 text-sm">
      <HowKnown look={look} />
      {fingerprint !== null && <CorrectButtons subject={{ fingerprint, name: look.name, key: look.key }} targets={targetsOf(looks)} conversations={parts} />}
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(120px,1fr))] gap-x-6 gap-y-3">
        <Pair label={t("traces.calls")}>
          {look.name === null ? <Count value={totals.calls} /> : <Link to={callsUrl(itsCalls)} className="hover:underline"><Count value={totals.calls} /></Link>}
        </Pair>
        <Pair label={t("calls.tokens")}><TokenFlow input={totals.input_tokens} output={totals.output_tokens} /></Pair>
        <Pair label={t("calls.cost")}><Money amount={totals.calls > 0 && totals.unknown_cost_calls === totals.calls ? null : totals.cost} /></Pair>
        <Pair label={t("tree.busy")}><Duration ms={speaker.busy_us / 1_000} /></Pair>
        {totals.errors > 0 && <Pair label={t("traces.errors")}><span className="text-bad"><Count value={totals.errors} /></span></Pair>}
        {speaker.framework !== null && speaker.framework !== undefined && <Pair label={t("call.framework")}>{speaker.framework}</Pair>}
      </dl>
      <Internals look={look} />
      <Passed title={t("tree.gotFrom")} edges={passedBetween(tree.passings, null, look.key)} side="from" looks={looks} onAgent={onAgent} />
      <Passed title={t("tree.gaveTo")} edges={passedBetween(tree.passings, look.key, null)} side="to" looks={looks} onAgent={onAgent} />
      {speaker.correction_ids.length > 0 && (
        <p className="text-xs text-muted-foreground">
          {t("correct.applied", { n: speaker.correction_ids.length })}{" "}
          <Link to={urls.corrections()} className="text-link underline underline-offset-2">{t("correct.seeAll")}</Link>
        </p>
      )}
      {children}
    </div>
  );
}

/** In words, not on hover only: this is where one looks for it. */
function HowKnown({ look }: { look: Look }) {
  const t = useT();
  const { found, kind } = look.speaker;
  if (kind === "absent") return <p className="text-muted-foreground">{t("tree.absentBody")}</p>;
  if (kind === "framework") return <p className="text-muted-foreground">{t("tree.frameworkBody")}</p>;
  if (kind === "unknown") return <p className="text-muted-foreground">{t("found.agent.none")}</p>;
  if (found.rule === "none") return null;
  return (
    <p className="max-w-[72ch] text-muted-foreground">
      {foundReason(found, "agent", t)}
      {isHinted(found) && <> {found.source === "corrected" ? t("found.corrected") : t("found.sure", { percent: surePercent(found) })}.</>}
    </p>
  );
}

function Internals({ look }: { look: Look }) {
  const t = useT();
  const { internals } = look.speaker;
  if (internals.length === 0) return null;
  return (
    <section>
      <h2 className="mb-1 font-semibold">{t("tree.internals")}</h2>
      <ul>
        {internals.map((one) => (
          <li key={one.kind} className="flex h-7 items-center gap-4">
            <span className="min-w-0 flex-1 truncate">{internalLabel(one.kind, t)}</span>
            <Count value={one.calls} />
            <span className="w-18 text-right"><Money amount={one.unknown_cost_calls === one.calls ? null : one.cost} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Passed({ title, edges, side, looks, onAgent }: { title: string; edges: readonly Pick<GraphEdge, "from" | "to" | "count">[]; side: "from" | "to"; looks: ReadonlyMap<string, Look>; onAgent: (agent: string) => void }) {
  if (edges.length === 0) return null;
  return (
    <section>
      <h2 className="mb-1 font-semibold">{title}</h2>
      <ul>
        {edges.map((edge) => (
          <li key={edge[side]} className="flex h-7 items-center gap-4">
            <AgentLabel look={looks.get(edge[side])} chosen={false} onAgent={onAgent} className="min-w-0 flex-1" />
            <span className="tabular-nums">×{edge.count}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Pair({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
