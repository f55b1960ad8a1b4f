import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(
        "min-h-20 w-full rounded-md border border-input bg-raised px-2.5 py-1.5 text-sm disabled:opacity-55 aria-invalid:border-bad",
        className,
      )}
      {...props}
    />
  );
}
