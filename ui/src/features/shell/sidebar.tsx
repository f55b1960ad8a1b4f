import { ChevronsUpDown, LogOut, PanelLeft } from "lucide-react";
import { NavLink, useNavigate } from "react-router";
import { useMe } from "@/api/session";
import { Logo } from "@/components/logo";
import { Button } from "@/components/ui/button";
import { DropdownMenu, DropdownMenuCheckItem, DropdownMenuContent, DropdownMenuItem, DropdownMenuLabel, DropdownMenuTrigger } from "@/components/ui/dropdown-menu";
import { useT } from "@/i18n/i18n";
import { usePrefs } from "@/lib/prefs";
import { leaveSidebar, toggleSidebar, useSidebar } from "@/lib/sidebar";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { navItems, settingsItem, startItem, type NavItem } from "./nav";
import { useSignOut, useSwitchTeam } from "./account";

export function Sidebar() {
  const t = useT();
  const { onboardingDismissed } = usePrefs();
  const { folded, over } = useSidebar();
  const items = onboardingDismissed ? navItems : [startItem, ...navItems];
  return (
    <>
      {over && (
        <>
          <div aria-hidden className="w-12 shrink-0 bg-sunken" />
          <button type="button" aria-label={t("nav.collapse")} className="fixed inset-0 z-30 bg-black/30" onClick={leaveSidebar} />
        </>
      )}
      <div
        className={cn("flex shrink-0 flex-col bg-sunken", folded ? "w-12" : "w-52", over && "fixed inset-y-0 left-0 z-40 border-r shadow-(--shadow)")}
        onKeyDown={(event) => {
          if (event.key === "Escape") leaveSidebar();
        }}
      >
        <div className={cn("flex h-12 items-center gap-2", folded ? "justify-center" : "pr-2 pl-3.5")}>
          {folded ? <Logo /> : <TeamMenu />}
        </div>
        <nav aria-label={t("nav.main")} className="flex flex-1 flex-col gap-px px-2 py-1">
          {items.map((item) => (
            <SidebarLink key={item.to} item={item} folded={folded} />
          ))}
          <span className="mt-auto" />
          <SidebarLink item={settingsItem} folded={folded} />
        </nav>
        <div className={cn("flex items-center gap-1 p-2", folded && "flex-col")}>
          <AccountMenu folded={folded} />
          <Button
            variant="ghost"
            size="icon"
            aria-label={t(folded ? "nav.expand" : "nav.collapse")}
            title={`${t(folded ? "nav.expand" : "nav.collapse")} ([)`}
            onClick={toggleSidebar}
          >
            <PanelLeft />
          </Button>
        </div>
      </div>
    </>
  );
}

function SidebarLink({ item, folded }: { item: NavItem; folded: boolean }) {
  const t = useT();
  const Icon = item.icon;
  return (
    <NavLink
      to={item.to}
      end={item.to === urls.home()}
      title={folded ? t(item.label) : undefined}
      onClick={leaveSidebar}
      className={({ isActive }) =>
        cn(
          "group flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted-foreground hover:bg-hover hover:text-foreground",
          isActive && "bg-selected font-medium text-foreground hover:bg-selected",
          folded && "justify-center",
        )
      }
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className={cn("truncate", folded && "sr-only")}>{t(item.label)}</span>
      {!folded && (
        <span aria-hidden className="ml-auto hidden font-mono text-2xs text-faint group-hover:block">
          g {item.letter}
        </span>
      )}
    </NavLink>
  );
}

function TeamMenu() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const switchTeam = useSwitchTeam();
  const team = me.teams.find((one) => one.id === teamId);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md text-left font-semibold hover:bg-hover">
        <span className="sr-only">{t("nav.team")}</span>
        <Logo />
        <span className="min-w-0 flex-1 truncate text-sm">{team?.name ?? "AOP"}</span>
        <ChevronsUpDown aria-hidden className="mr-1.5 size-3.5 text-faint" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start">
        <DropdownMenuLabel>{t("nav.team")}</DropdownMenuLabel>
        {me.teams.map((one) => (
          <DropdownMenuCheckItem key={one.id} checked={one.id === teamId} onSelect={() => switchTeam(one.id)}>
            {one.name}
          </DropdownMenuCheckItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function AccountMenu({ folded }: { folded: boolean }) {
  const t = useT();
  const me = useMe();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-1 text-left hover:bg-hover">
        <span className="sr-only">{t("nav.account")}</span>
        <span aria-hidden className="grid size-6 shrink-0 place-items-center rounded-full bg-selected text-xs font-semibold">
          {Array.from(me.name)[0]?.toUpperCase()}
        </span>
        <span className={cn("min-w-0 truncate text-sm text-muted-foreground", folded && "sr-only")}>{me.name}</span>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top">
        <DropdownMenuLabel>{me.email}</DropdownMenuLabel>
        <DropdownMenuItem onSelect={() => void navigate(urls.settings())}>
          <settingsItem.icon />
          {t("nav.settings")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => window.open("/api/docs", "_blank", "noopener")}>
          <span aria-hidden className="w-4 text-center font-mono text-xs text-muted-foreground">{"{}"}</span>
          {t("nav.docs")}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={signOut}>
          <LogOut />
          {t("nav.logout")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
