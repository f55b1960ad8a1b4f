import { ChevronDown, ChevronUp, Maximize2, Minimize2, X } from "lucide-react";
import { useRef, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { useHotkeys } from "@/lib/hotkeys";
import { setPrefs, usePrefs } from "@/lib/prefs";
import { cn } from "@/lib/utils";

export interface PanelWalk {
  /** Null at the end of the list. */
  previous: (() => void) | null;
  next: (() => void) | null;
}

interface SidePanelProps {
  title: ReactNode;
  label: string;
  onClose: () => void;
  walk?: PanelWalk;
  full?: boolean;
  onFullChange?: (full: boolean) => void;
  actions?: ReactNode;
  children: ReactNode;
}

const MIN_WIDTH = 380;
const LIST_MIN_WIDTH = 320;

/** Holds one item of the list at its left. It has a URL of its own; the page around it decides which. */
export function SidePanel({ title, label, onClose, walk, full = false, onFullChange, actions, children }: SidePanelProps) {
  const t = useT();
  const { panelWidth } = usePrefs();
  useHotkeys({ Escape: onClose, ...(onFullChange === undefined ? {} : { e: () => onFullChange(!full) }) });
  return (
    <aside
      aria-label={label}
      className={cn("relative flex min-w-0 flex-col border-l bg-background max-lg:absolute max-lg:inset-0 max-lg:z-20 max-lg:w-full!", full ? "flex-1 border-l-0" : "shrink-0")}
      style={full ? undefined : { width: `min(${String(panelWidth)}px, calc(100% - ${String(LIST_MIN_WIDTH)}px))` }}
    >
      {!full && <ResizeHandle width={panelWidth} />}
      <header className="flex h-11 shrink-0 items-center gap-1 border-b pr-2 pl-4">
        <div className="min-w-0 flex-1 truncate font-medium">{title}</div>
        {actions}
        {walk !== undefined && (
          <>
            <Button variant="ghost" size="icon" aria-label={t("panel.previous")} title={`${t("panel.previous")} (k)`} disabled={walk.previous === null} onClick={() => walk.previous?.()}>
              <ChevronUp />
            </Button>
            <Button variant="ghost" size="icon" aria-label={t("panel.next")} title={`${t("panel.next")} (j)`} disabled={walk.next === null} onClick={() => walk.next?.()}>
              <ChevronDown />
            </Button>
          </>
        )}
        {onFullChange !== undefined && (
          <Button variant="ghost" size="icon" aria-label={t(full ? "panel.shrink" : "panel.expand")} title={`${t(full ? "panel.shrink" : "panel.expand")} (e)`} onClick={() => onFullChange(!full)}>
            {full ? <Minimize2 /> : <Maximize2 />}
          </Button>
        )}
        <Button variant="ghost" size="icon" aria-label={t("common.close")} title={`${t("common.close")} (Esc)`} onClick={onClose}>
          <X />
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={label}>
        {children}
      </div>
    </aside>
  );
}

function ResizeHandle({ width }: { width: number }) {
  const t = useT();
  const start = useRef<{ x: number; width: number } | null>(null);
  const resize = (next: number) => setPrefs({ panelWidth: Math.max(MIN_WIDTH, Math.round(next)) });
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("panel.resize")}
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      aria-valuemax={2000}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current !== null) resize(start.current.width + start.current.x - event.clientX);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") resize(width + 32);
        if (event.key === "ArrowRight") resize(width - 32);
      }}
      className="absolute inset-y-0 -left-1 z-20 w-2 cursor-col-resize hover:bg-accent/60 focus-visible:bg-accent max-lg:hidden"
    />
  );
}
