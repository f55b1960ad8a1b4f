import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useT } from "@/i18n/i18n";
import { cn } from "@/lib/utils";

/** Longer strings show their beginning until asked. */
const CLIP = 400;
/** Longer lists show their beginning until asked. */
const PAGE = 50;

/** JSON as a tree that opens and closes. */
export function JsonView({ value, openDepth = 2 }: { value: unknown; openDepth?: number }) {
  return (
    <div className="font-mono text-xs leading-5 wrap-any">
      <Node name={null} value={value} depth={0} openDepth={openDepth} />
    </div>
  );
}

interface NodeProps {
  name: string | null;
  value: unknown;
  depth: number;
  openDepth: number;
}

function Node({ name, value, depth, openDepth }: NodeProps) {
  if (typeof value === "object" && value !== null) {
    return <Branch name={name} value={value} depth={depth} openDepth={openDepth} />;
  }
  return (
    <div className="pl-4">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  if (name === null) return null;
  return <span className="text-muted-foreground">{name}: </span>;
}

function Branch({ name, value, depth, openDepth }: NodeProps & { value: object }) {
  const t = useT();
  const [open, setOpen] = useState(depth < openDepth);
  const [shown, setShown] = useState(PAGE);
  const list = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  const brackets = list ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return (
      <div className="pl-4">
        <Name name={name} />
        <span className="text-muted-foreground">{brackets.join("")}</span>
      </div>
    );
  }
  return (
    <div>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex items-start rounded-sm text-left hover:bg-hover">
        <ChevronRight aria-hidden className={cn("mt-1 mr-1 size-3 shrink-0 text-faint", open && "rotate-90")} />
        <span>
          <Name name={name} />
          <span className="text-muted-foreground">{open ? brackets[0] : `${brackets[0] ?? ""} ${String(entries.length)} ${brackets[1] ?? ""}`}</span>
        </span>
      </button>
      {open && (
        <div className="ml-1.5 border-l border-line pl-1.5">
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={list ? null : key} value={child} depth={depth + 1} openDepth={openDepth} />
          ))}
          {entries.length > shown && (
            <button type="button" className="pl-4 text-link hover:underline" onClick={() => setShown(shown + PAGE * 4)}>
              {t("common.showMore", { n: entries.length - shown })}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Leaf({ value }: { value: unknown }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") return <span className="text-link">{JSON.stringify(value)}</span>;
  const clipped = !whole && value.length > CLIP;
  return (
    <span className="whitespace-pre-wrap">
      {JSON.stringify(clipped ? value.slice(0, CLIP) : value)}
      {clipped && (
        <button type="button" className="ml-1 text-link hover:underline" onClick={() => setWhole(true)}>
          {t("common.showMore", { n: value.length - CLIP })}
        </button>
      )}
    </span>
  );
}
