import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useT } from "@/i18n/i18n";
import { useDocumentTitle } from "@/hooks/use-document-title";
import { openPalette } from "@/lib/palette";

export interface Crumb {
  label: string;
  to?: string;
}

interface TopBarProps {
  crumbs: readonly Crumb[];
  /** Time range, live switch, the page's main button. */
  children?: ReactNode;
}

export function TopBar({ crumbs, children }: TopBarProps) {
  const t = useT();
  useDocumentTitle(crumbs.at(-1)?.label ?? "");
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b px-4">
      <nav aria-label={t("nav.breadcrumbs")} className="min-w-0 flex-1">
        <ol className="flex min-w-0 items-center gap-1.5">
          {crumbs.map((crumb, index) => (
            <li key={crumb.label} className="flex min-w-0 items-center gap-1.5">
              {index > 0 && <span aria-hidden className="text-faint">/</span>}
              {crumb.to === undefined ? (
                <h1 className="truncate font-semibold">{crumb.label}</h1>
              ) : (
                <Link to={crumb.to} className="truncate text-muted-foreground hover:text-foreground">
                  {crumb.label}
                </Link>
              )}
            </li>
          ))}
        </ol>
      </nav>
      {children}
      <button
        type="button"
        onClick={openPalette}
        className="flex h-8 items-center gap-2 rounded-md px-2 text-sm text-muted-foreground hover:bg-hover hover:text-foreground"
      >
        <Search aria-hidden className="size-4" />
        <span className="max-md:sr-only">{t("common.search")}</span>
        <kbd aria-hidden className="key max-md:hidden">{isMac ? "⌘K" : "Ctrl K"}</kbd>
      </button>
    </header>
  );
}

const isMac = /Mac|iP(hone|ad)/.test(navigator.userAgent);
