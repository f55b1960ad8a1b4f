import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { JsonView } from "@/components/json-view";
import { useT } from "@/i18n/i18n";
import { parseJson, type Message, type Part } from "@/lib/conversation";
import { formatCount } from "@/lib/format";
import { cn } from "@/lib/utils";

export function MessageView({ message, answer }: { message: Message; answer: boolean }) {
  const t = useT();
  if (message.role === "missing") return <p className="px-4 py-2 text-xs text-faint">{t("call.messageGone")}</p>;
  const system = message.role === "system" || message.role === "developer";
  return (
    <section className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 px-4 py-2.5">
      <h2 className={cn("pt-0.5 text-xs text-muted-foreground", answer && "font-semibold text-foreground")}>
        {answer ? t("call.answer") : t(`call.role.${message.role}`)}
        {message.name !== null && <span className="block truncate text-faint">{message.name}</span>}
      </h2>
      <div className="min-w-0 max-w-[80ch]">
        {message.reasoning !== "" && <Folded label={t("call.reasoning")} text={message.reasoning} className="mb-2 border-l-2 border-dashed pl-3 text-muted-foreground" />}
        {system ? <Folded label={firstLine(message.parts)} text={plain(message.parts)} /> : <PartsView parts={message.parts} />}
      </div>
    </section>
  );
}

function plain(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n");
}

function firstLine(parts: readonly Part[]): string {
  return plain(parts).trimStart().split("\n", 1)[0] ?? "";
}

/** Long and rarely read: the first line, the length, and the whole on demand. */
function Folded({ label, text, className }: { label: string; text: string; className?: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <div className={className}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-6 w-full min-w-0 items-center gap-1.5 rounded-sm text-left text-muted-foreground hover:bg-hover">
        <ChevronRight aria-hidden className={cn("size-3.5 shrink-0", open && "rotate-90")} />
        <span className="min-w-0 truncate">{label}</span>
        <span className="ml-auto shrink-0 pl-2 text-xs text-faint tabular-nums">{t("call.chars", { n: formatCount(text.length) })}</span>
      </button>
      {open && <p className="mt-1 whitespace-pre-wrap wrap-any">{text}</p>}
    </div>
  );
}

/** Text as it was written. Remote images are named, never loaded: loading one tells its owner who is reading. */
export function PartsView({ parts, mono = false }: { parts: readonly Part[]; mono?: boolean }) {
  const t = useT();
  return (
    <div className="flex flex-col gap-2">
      {parts.map((part, index) => {
        switch (part.kind) {
          case "text":
            return <TextPart key={index} text={part.text} mono={mono} />;
          case "image":
            return (
              <span key={index} className="text-xs text-muted-foreground">
                [{t("call.imagePart")}] <span className="font-mono wrap-any">{part.source.slice(0, 120)}</span>
              </span>
            );
          case "other":
            return (
              <div key={index}>
                <span className="text-xs text-muted-foreground">{t("call.otherPart", { type: part.type })}</span>
                <JsonView value={part.value} />
              </div>
            );
        }
      })}
    </div>
  );
}

/** A tool often answers JSON; it is shown as such. */
function TextPart({ text, mono }: { text: string; mono: boolean }) {
  const value = mono ? parseJson(text) : text;
  if (typeof value === "object" && value !== null) {
    return (
      <div className="-ml-3">
        <JsonView value={value} />
      </div>
    );
  }
  return <p className={cn("whitespace-pre-wrap wrap-any", mono && "font-mono text-xs")}>{text}</p>;
}
