import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useTraceFeed } from "@/api/live";
import { queries } from "@/api/queries";
import { SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { TraceFigures, useLiveTrace } from "./trace-page";
import { TraceView } from "./trace-view";

/** How long after its end the last records of a run may take, where the feed told nothing. */
const SETTLE_MS = 3_000;

/** The tree of a run beside its transcript. It does not exist before the first step was recorded. */
export function RunTrace({ traceId, going }: { traceId: string; going: boolean }) {
  const t = useT();
  const navigate = useNavigate();
  const recorded = useRecorded(traceId, going);
  const query = useQuery({ ...queries.trace(traceId), enabled: recorded });
  useLiveTrace(traceId, recorded);
  const trace = query.data;
  if (trace === undefined || trace.spans.length === 0) {
    return going || !recorded ? <SkeletonRows rows={6} height={28} /> : <p className="px-4 py-4 text-sm text-muted-foreground">{t("trace.empty")}</p>;
  }
  return (
    <>
      <div className="flex shrink-0 items-center justify-between border-b py-1.5 pr-2 pl-4">
        <TraceFigures trace={trace} />
        <Button asChild variant="ghost" size="sm">
          <Link to={urls.trace(traceId)}>
            <ExternalLink />
            {t("call.openTrace")}
          </Link>
        </Button>
      </div>
      <TraceView spans={trace.spans} selected={null} onSelect={(spanId) => void navigate(urls.trace(traceId, spanId))} />
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
