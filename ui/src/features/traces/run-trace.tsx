import { ExternalLink } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useTraceFeed } from "@/api/live";
import { SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { paramsOfStep } from "./selection";
import { TimedView, useElapsed } from "./trace-body";
import { RunFigures } from "./trace-page";
import { useRunRecord } from "./use-run-record";

/** How long after its end the last records of a run may take, where the feed told nothing. */
const SETTLE_MS = 3_000;

/** The tree of a run beside its transcript. It does not exist before the first step was recorded or a call is in flight. */
export function RunTrace({ traceId, going }: { traceId: string; going: boolean }) {
  const t = useT();
  const navigate = useNavigate();
  const recorded = useRecorded(traceId, going);
  const run = useRunRecord(traceId, recorded);
  const { tree } = run;
  const nowMs = useElapsed(tree.startedAt, tree.lengthMs, tree.running, run.skewMs);
  if (tree.steps.length === 0) {
    return going || !recorded ? <SkeletonRows rows={6} height={28} /> : <p className="px-4 py-4 text-sm text-muted-foreground">{t("trace.empty")}</p>;
  }
  const open = (params: Record<string, string>) => void navigate(`${urls.trace(traceId)}?${new URLSearchParams(params).toString()}`);
  return (
    <>
      <div className="flex shrink-0 items-center justify-between border-b py-1.5 pr-2 pl-4">
        <RunFigures tree={tree} skewMs={run.skewMs} />
        <Button asChild variant="ghost" size="sm">
          <Link to={urls.trace(traceId)}>
            <ExternalLink />
            {t("call.openTrace")}
          </Link>
        </Button>
      </div>
      <TimedView view="tree" run={run} step={null} agent={null} nowMs={nowMs} onStep={(step) => open(paramsOfStep(step))} onAgent={(agent) => open({ agent })} />
    </>
  );
}

/** A run that was over when the page opened has its records; a going one has them from the first that arrives. */
function useRecorded(traceId: string, going: boolean): boolean {
  const [recorded, setRecorded] = useState(!going);
  const see = () => setRecorded(true);
  useTraceFeed(traceId, see, see, !recorded);
  useEffect(() => {
    if (going || recorded) return;
    const timer = setTimeout(() => setRecorded(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [going, recorded]);
  return recorded;
}
