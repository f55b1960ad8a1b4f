import { CopyButton } from "@/components/copy-button";
import { cn } from "@/lib/utils";

interface CodeBlockProps {
  code: string;
  /** Named for those who scroll to it by keyboard. */
  label: string;
  className?: string;
}

export function CodeBlock({ code, label, className }: CodeBlockProps) {
  return (
    <div className={cn("group relative min-w-0 rounded-md bg-sunken", className)}>
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto p-3 pr-11 text-xs leading-5">
        <code className="text-[1em]">{code}</code>
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={code} />
      </div>
    </div>
  );
}
