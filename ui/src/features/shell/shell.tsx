import { useEffect } from "react";
import { Outlet, useNavigate } from "react-router";
import { useLiveStatus } from "@/api/live";
import { useT } from "@/i18n/i18n";
import { useHotkeys, type Hotkeys } from "@/lib/hotkeys";
import { setOverlay } from "@/lib/palette";
import { toggleSidebar } from "@/lib/sidebar";
import { CommandPalette } from "./command-palette";
import { KeysHelp } from "./keys-help";
import { navItems, settingsItem, startItem } from "./nav";
import { Sidebar } from "./sidebar";

/** Sidebar and content; what is drawn once for every page. */
export function Shell() {
  const t = useT();
  useShellKeys();
  return (
    <div className="flex h-full">
      <a href="#content" className="sr-only z-50 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        {t("nav.skip")}
      </a>
      <Sidebar />
      <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col border-l bg-background outline-none">
        <ConnectionBar />
        <Outlet />
      </main>
      <CommandPalette />
      <KeysHelp />
    </div>
  );
}

/** Quiet, and only when something the reader relies on is lost. */
function ConnectionBar() {
  const t = useT();
  if (useLiveStatus() !== "lost") return null;
  return (
    <div role="status" className="shrink-0 border-b bg-warn-soft px-4 py-1 text-xs text-warn">
      {t("live.reconnecting")}
    </div>
  );
}

function useShellKeys(): void {
  const navigate = useNavigate();
  const keys: Hotkeys = {
    "?": () => setOverlay("keys"),
    "[": toggleSidebar,
    "/": () => {
      const field = document.querySelector<HTMLInputElement>("[data-search]");
      if (field === null) setOverlay("palette");
      else field.focus();
    },
  };
  for (const item of [...navItems, settingsItem, startItem]) keys[`g ${item.letter}`] = () => void navigate(item.to);
  useHotkeys(keys);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOverlay("palette");
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
