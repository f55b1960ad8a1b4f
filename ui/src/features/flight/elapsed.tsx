import { Duration } from "@/components/numbers";
import { useNow } from "@/hooks/use-now";

/** Time since a call began, moving while it runs. */
export function Elapsed({ startedAt, skewMs, running = true, endMs }: { startedAt: string; skewMs: number; running?: boolean; endMs?: number | undefined }) {
  const now = useNow(running, 200);
  return <Duration ms={Math.max(0, (endMs ?? now) + skewMs - Date.parse(startedAt))} />;
}
