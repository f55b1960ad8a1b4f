import "@xyflow/react/dist/base.css";
import { Background, BackgroundVariant, Panel, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useQuery } from "@tanstack/react-query";
import { Maximize, Minus, Plus } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { queries } from "@/api/queries";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useSize } from "@/hooks/use-size";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { graphModel } from "./graph-model";
import { AgentNode, PassEdge } from "./graph-parts";
import { looksOf, type Look } from "./look";
import type { RunTree } from "./run-tree";

const nodeTypes = { agent: AgentNode };
const edgeTypes = { pass: PassEdge };

interface GraphViewProps {
  traceId: string;
  /** Whether there is a record to ask for. */
  recorded: boolean;
  tree: RunTree;
  looks: ReadonlyMap<string, Look>;
  agent: string | null;
  onAgent: (agent: string) => void;
}

/** Who handed over to whom. Its code is loaded when it is first looked at. */
export default function GraphView(props: GraphViewProps) {
  const t = useT();
  const query = useQuery({ ...queries.traceGraph(props.traceId), enabled: props.recorded });
  if (query.error !== null && query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (props.recorded && query.data === undefined) return <SkeletonRows rows={6} height={92} />;
  const stored = query.data?.nodes ?? [];
  const known = new Set(stored.map((speaker) => speaker.agent));
  const speakers = [...stored, ...props.tree.speakers.filter((speaker) => !known.has(speaker.agent))];
  if (speakers.length === 0) return <EmptyState title={t("tree.noAgents")}>{t("tree.noAgentsBody")}</EmptyState>;
  return (
    <ReactFlowProvider>
      <GraphCanvas {...props} speakers={speakers} edges={query.data?.edges ?? []} />
    </ReactFlowProvider>
  );
}

type GraphCanvasProps = Omit<GraphViewProps, "traceId" | "recorded"> & Pick<Parameters<typeof graphModel>[0], "speakers" | "edges">;

function GraphCanvas({ tree, speakers, edges, agent, onAgent }: GraphCanvasProps) {
  const t = useT();
  const flow = useReactFlow();
  const looks = useMemo(() => looksOf(speakers, t), [speakers, t]);
  const flying = useMemo(() => flyingByAgent(tree), [tree]);
  const model = useMemo(() => graphModel({ speakers, edges, looks, flying, agent, onAgent }), [speakers, edges, looks, flying, agent, onAgent]);
  const fit = () => void flow.fitView({ maxZoom: 1, padding: 0.15 });
  const shape = `${model.nodes.map((node) => node.id).join()}|${model.edges.map((edge) => edge.id).join()}`;
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  useEffect(() => {
    // A graph that grew, or whose room changed, is fitted anew; figures that change leave it where the reader put it.
    const frame = requestAnimationFrame(fit);
    return () => cancelAnimationFrame(frame);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, width]);
  const step = (by: number) => {
    const index = speakers.findIndex((speaker) => speaker.agent === agent);
    const next = speakers[index === -1 ? 0 : index + by];
    if (next !== undefined) onAgent(next.agent);
  };
  useHotkeys({ f: fit, j: () => step(1), k: () => step(-1), "+": () => void flow.zoomIn(), "-": () => void flow.zoomOut() });
  return (
    <div ref={box} role="region" aria-label={t("tree.view.graph")} className="graph min-h-0 min-w-0 flex-1">
      <ReactFlow
        nodes={model.nodes}
        edges={model.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => onAgent(node.id)}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        minZoom={0.1}
        maxZoom={2}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--border)" />
        <Panel position="top-right" className="flex gap-1">
          <GraphButton label={t("tree.zoomOut")} onClick={() => void flow.zoomOut()}><Minus /></GraphButton>
          <GraphButton label={t("tree.zoomIn")} onClick={() => void flow.zoomIn()}><Plus /></GraphButton>
          <GraphButton label={`${t("trace.fit")} (f)`} onClick={fit}><Maximize /></GraphButton>
        </Panel>
        {edges.length === 0 && (
          <Panel position="top-left">
            <p className="rounded-md bg-background px-2 py-1 text-xs text-muted-foreground">{t("tree.noHandovers")}</p>
          </Panel>
        )}
      </ReactFlow>
    </div>
  );
}

function GraphButton({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <Button variant="outline" size="icon" aria-label={label} title={label} onClick={onClick}>
      {children}
    </Button>
  );
}

function flyingByAgent(tree: RunTree): Map<string, number> {
  const counts = new Map<string, number>();
  for (const step of tree.steps) {
    if (step.flight !== null && step.flight.ended === null && step.agent !== null) counts.set(step.agent, (counts.get(step.agent) ?? 0) + 1);
  }
  return counts;
}
