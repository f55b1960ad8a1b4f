import { RotateCw } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { CopyButton } from "@/components/copy-button";
import { Button } from "@/components/ui/button";
import { describeError } from "@/api/errors";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

/** True once a wait has lasted long enough to be worth showing. */
export function useSlow(afterMs = 150): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), afterMs);
    return () => clearTimeout(timer);
  }, [afterMs]);
  return slow;
}

/** A bar where text will be. Nothing at all for the first 150 ms. */
export function Skeleton({ className }: { className?: string }) {
  const slow = useSlow();
  return <span aria-hidden className={cn("block h-3 rounded-sm", slow && "animate-breathe bg-hover", className)} />;
}

/** Rows of a list that is on its way. */
export function SkeletonRows({ rows = 8, height = 32 }: { rows?: number; height?: number }) {
  const t = useT();
  return (
    <div role="status" aria-label={t("common.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-6 border-b border-line px-4" style={{ height }}>
          <Skeleton className="w-24" />
          <Skeleton className="w-40" />
          <Skeleton className="ml-auto w-16" />
          <Skeleton className="w-12" />
        </div>
      ))}
    </div>
  );
}

interface EmptyStateProps {
  title: string;
  /** What will appear here and what to do for it. */
  children?: ReactNode;
  action?: ReactNode;
  /** The heading of the page itself, where nothing else is. */
  level?: 1 | 2;
}

export function EmptyState({ title, children, action, level = 2 }: EmptyStateProps) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="mx-auto flex max-w-xl flex-col items-start gap-3 px-6 py-16">
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children !== undefined && <div className="w-full max-w-[72ch] text-muted-foreground">{children}</div>}
      {action}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useT();
  const { title, detail, id } = describeError(error, t);
  return (
    <div role="alert" className="mx-auto flex max-w-xl flex-col items-start gap-2 px-6 py-16">
      <h2 className="text-lg font-semibold">{title}</h2>
      {detail !== "" && <p className="max-w-[72ch] wrap-any text-muted-foreground">{detail}</p>}
      <div className="mt-2 flex items-center gap-2">
        {onRetry !== undefined && (
          <Button variant="outline" onClick={onRetry}>
            <RotateCw />
            {t("common.retry")}
          </Button>
        )}
        {id !== null && (
          <span className="flex items-center gap-1 font-mono text-xs text-muted-foreground">
            {id}
            <CopyButton text={id} label={t("error.copyId")} />
          </span>
        )}
      </div>
    </div>
  );
}
