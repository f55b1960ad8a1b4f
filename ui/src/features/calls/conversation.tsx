import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { CallDetail } from "@/api/types";
import { JsonView } from "@/components/json-view";
import { useT } from "@/i18n/i18n";
import { isEarlier, pairTools, readStored, type Entry } from "@/lib/conversation";
import { MessageView, PartsView } from "./message-view";

/** The call as it was said: what is new since the call before, then the answer. */
export function Conversation({ call }: { call: CallDetail }) {
  const t = useT();
  const content = call.content;
  if (content === null || content === undefined) return <p className="px-4 py-6 text-muted-foreground">{t("call.noContent")}</p>;
  const input = content.input.map(readStored);
  const output = content.output.map(readStored);
  // Results of the answer's own tool calls come only in a later call.
  const entries = pairTools(input);
  const earlier = entries.filter((entry) => isEarlier(entry, content.new_from));
  const fresh = entries.filter((entry) => !isEarlier(entry, content.new_from));
  return (
    <div className="flex flex-col pb-8">
      {call.body_truncated && <p className="bg-warn-soft px-4 py-1.5 text-xs text-warn">{t("call.truncated")}</p>}
      {earlier.length > 0 && <Earlier entries={earlier} />}
      {fresh.map((entry) => (
        <EntryView key={entryKey(entry)} entry={entry} />
      ))}
      <div className="mt-2 border-t-2 border-(--accent)">
        {output.length === 0 ? (
          <p className="px-4 py-3 text-muted-foreground">{call.error_message ?? t("call.noAnswer")}</p>
        ) : (
          pairTools(output).map((entry) => <EntryView key={entryKey(entry)} entry={entry} answer />)
        )}
      </div>
    </div>
  );
}

export function entryKey(entry: Entry): string {
  return entry.kind === "message" ? `message-${String(entry.index)}` : `${entry.kind}-${String(entry.index)}-${String(entry.at)}`;
}

function Earlier({ entries }: { entries: readonly Entry[] }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-9 items-center gap-1.5 border-b border-dashed border-border px-4 text-left text-xs text-muted-foreground hover:bg-hover">
        <ChevronRight aria-hidden className={open ? "size-3.5 rotate-90" : "size-3.5"} />
        {open ? t("call.hideEarlier") : t("call.earlier", { n: entries.length })}
      </button>
      {open && (
        <div className="border-b border-dashed border-border">
          {entries.map((entry) => (
            <EntryView key={entryKey(entry)} entry={entry} />
          ))}
        </div>
      )}
    </>
  );
}

export function EntryView({ entry, answer = false }: { entry: Entry; answer?: boolean }) {
  switch (entry.kind) {
    case "message":
      return <MessageView message={entry.message} answer={answer} />;
    case "tool":
      return <ToolView entry={entry} answer={answer} />;
    case "orphan":
      return <OrphanResult entry={entry} />;
  }
}

/** A tool call with what came back, as one thing. */
function ToolView({ entry, answer }: { entry: Extract<Entry, { kind: "tool" }>; answer: boolean }) {
  const t = useT();
  return (
    <section className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 px-4 py-2.5">
      <h2 className="pt-1.5 text-xs text-muted-foreground">{t("call.role.tool")}</h2>
      <div className="min-w-0 overflow-hidden rounded-md border">
        <div className="bg-sunken px-3 py-1.5">
          <span className="font-mono text-xs font-semibold">{entry.call.name}</span>
          <div className="mt-0.5 -ml-3">
            <JsonView value={entry.call.args} openDepth={3} />
          </div>
        </div>
        {entry.result !== null ? (
          <div className="border-t px-3 py-1.5 text-sm">
            <PartsView parts={entry.result.parts} mono />
          </div>
        ) : (
          !answer && <p className="border-t px-3 py-1.5 text-xs text-faint">{t("call.toolNoResult")}</p>
        )}
      </div>
    </section>
  );
}

function OrphanResult({ entry }: { entry: Extract<Entry, { kind: "orphan" }> }) {
  const t = useT();
  return (
    <section className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 px-4 py-2.5">
      <h2 className="pt-1.5 text-xs text-muted-foreground">{t("call.role.tool")}</h2>
      <div className="min-w-0 rounded-md border border-dashed px-3 py-1.5 text-sm">
        <p className="mb-1 text-xs text-faint">{t("call.toolOrphan")}</p>
        <PartsView parts={entry.result.parts} mono />
      </div>
    </section>
  );
}
