import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useMe } from "@/api/session";
import { TopBar } from "@/components/top-bar";
import { useT, type MessageKey } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";

interface SettingsFrameProps {
  title: MessageKey;
  children: ReactNode;
}

export function SettingsFrame({ title, children }: SettingsFrameProps) {
  const t = useT();
  const me = useMe();
  const pages: [string, MessageKey][] = [
    [urls.settings(), "settings.profile"],
    [urls.members(), "settings.members"],
    [urls.budgets(), "budgets.title"],
    [urls.corrections(), "correct.settings"],
    [urls.policy(), "policy.title"],
    [urls.guardrails(), "guard.title"],
    [urls.hooks(), "hooks.title"],
    [urls.runaway(), "runaway.title"],
  ];
  if (me.role === "admin") pages.push(["/settings/users", "settings.users"]);
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.settings"), ...(title === "settings.profile" ? {} : { to: urls.settings() }) }, ...(title === "settings.profile" ? [] : [{ label: t(title) }])]} />
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <nav aria-label={t("nav.settings")} className="flex w-44 shrink-0 flex-col gap-px p-3 max-md:w-full max-md:flex-row">
          {pages.map(([to, label]) => (
            <NavLink key={to} to={to} end className={({ isActive }) => cn("flex h-8 items-center rounded-md px-2 text-sm text-muted-foreground hover:bg-hover", isActive && "bg-selected font-medium text-foreground")}>
              {t(label)}
            </NavLink>
          ))}
        </nav>
        <div className="min-w-0 flex-1 overflow-y-auto px-4 py-5 md:pr-10" tabIndex={0} role="region" aria-label={t(title)}>
          {children}
        </div>
      </div>
    </>
  );
}
