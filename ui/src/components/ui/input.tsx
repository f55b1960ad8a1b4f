import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return (
    <input
      type={type}
      className={cn(
        "h-8 w-full min-w-0 rounded-md border border-input bg-raised px-2.5 text-sm disabled:opacity-55 aria-invalid:border-bad",
        className,
      )}
      {...props}
    />
  );
}
