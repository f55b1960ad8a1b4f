import { BaseEdge, EdgeLabelRenderer, getBezierPath, Handle, Position, type EdgeProps, type NodeProps } from "@xyflow/react";
import { foundReason } from "@/components/found-mark";
import { Count, Duration, Money } from "@/components/numbers";
import { Tooltip } from "@/components/ui/tooltip";
import { isMessageKey, useT, type Translate } from "@/i18n/i18n";
import { surePercent } from "@/lib/found";
import { cn } from "@/lib/utils";
import { AgentLabel } from "./agent-label";
import { surest, type AgentFlowNode, type PassFlowEdge } from "./graph-model";

/** Where arrows meet a node: work that goes on above, what comes back below, so that the two do not lie on each other. */
const FORWARD = { top: "34%" };
const BACKWARD = { top: "74%" };

/** One agent: its name, how it is known, and what it used. */
export function AgentNode({ data }: NodeProps<AgentFlowNode>) {
  const t = useT();
  const { look, flying, chosen, faded, onAgent } = data;
  const { speaker } = look;
  const { totals } = speaker;
  const absent = speaker.kind === "absent";
  return (
    <div
      className={cn("flex h-full w-full cursor-pointer flex-col justify-center gap-0.5 overflow-hidden rounded-md border border-l-4 bg-raised px-2.5 py-1.5", chosen && "outline-2 outline-offset-1 outline-(--ring)", (absent || look.name === null) && "border-dashed", faded && "bg-background")}
      style={{ borderLeftColor: look.color }}
    >
      <Handle type="target" id="in" position={Position.Left} className="graph-handle" style={FORWARD} />
      <Handle type="source" id="out" position={Position.Right} className="graph-handle" style={FORWARD} />
      <Handle type="source" id="back-out" position={Position.Left} className="graph-handle" style={BACKWARD} />
      <Handle type="target" id="back-in" position={Position.Right} className="graph-handle" style={BACKWARD} />
      <span className="nopan flex min-w-0 items-center justify-between gap-1">
        <AgentLabel look={look} chosen={chosen} onAgent={onAgent} className={cn("min-w-0", faded ? "text-muted-foreground" : "font-medium")} />
        {flying > 0 && <span className="shrink-0 animate-breathe text-2xs text-link">{t("flight.below", { n: flying })}</span>}
      </span>
      {absent || totals.calls === 0 ? (
        <span className="text-xs text-muted-foreground">{t(absent ? "tree.absent" : "tree.nothingYet")}</span>
      ) : (
        <>
          <span className="flex gap-3 text-xs text-muted-foreground">
            <span>{t(totals.calls === 1 ? "tree.oneCall" : "tree.calls", { n: totals.calls })}</span>
            <span className="text-foreground"><Money amount={totals.calls > 0 && totals.unknown_cost_calls === totals.calls ? null : totals.cost} /></span>
            {totals.errors > 0 && <span className="text-bad">{t("tree.errors", { n: totals.errors })}</span>}
          </span>
          <span className="flex gap-3 text-2xs text-muted-foreground">
            <span><Count value={totals.input_tokens + totals.output_tokens} /> {t("tree.tokens")}</span>
            <Duration ms={speaker.busy_us / 1_000} />
            {totals.internal_calls > 0 && <span>{t("tree.ofFramework", { n: totals.internal_calls })}</span>}
          </span>
        </>
      )}
    </div>
  );
}

/** Hand-overs from one agent to another, with how many; dashed when nobody stated them. */
export function PassEdge(props: EdgeProps<PassFlowEdge>) {
  const t = useT();
  const { data, id, style, markerEnd } = props;
  if (data === undefined) return null;
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const says = t(data.count === 1 ? "tree.passedOnce" : "tree.passed", { from: data.from.label, to: data.to.label, n: data.count });
  const details = data.parts.map((part) => `${passingLabel(part.passing, t)} ×${String(part.count)}`).join(", ");
  const found = surest(data.parts.flatMap((part) => part.found));
  const why = found === undefined ? "" : `${foundReason(found, "handover", t)}${found.source === "inferred" ? ` ${t("found.sure", { percent: surePercent(found) })}` : ""}`;
  return (
    <>
      <BaseEdge id={id} path={path} {...(style === undefined ? {} : { style })} {...(markerEnd === undefined ? {} : { markerEnd })} />
      <EdgeLabelRenderer>
        <Tooltip
          content={
            <span className="block max-w-72 py-0.5">
              <span className="block">{says}</span>
              <span className="block">{details}</span>
              <span className="mt-0.5 block opacity-75">{why}</span>
            </span>
          }
        >
          <button
            type="button"
            aria-label={`${says} ${details}. ${why}`}
            className={cn("nodrag nopan pointer-events-auto absolute grid h-6 min-w-6 cursor-help place-items-center rounded-full border bg-background px-1.5 text-xs tabular-nums", data.faded ? "text-muted-foreground" : "font-medium")}
            style={{ transform: `translate(-50%, -50%) translate(${String(x)}px, ${String(y)}px)` }}
          >
            {data.count}
          </button>
        </Tooltip>
      </EdgeLabelRenderer>
    </>
  );
}

export function passingLabel(passing: string, t: Translate): string {
  const key = `tree.passing.${passing}`;
  return isMessageKey(key) ? t(key) : passing;
}
