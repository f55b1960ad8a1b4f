import { Boxes, CircleGauge, KeyRound, ListTree, Rocket, Settings, Users, Waypoints, type LucideIcon } from "lucide-react";
import type { MessageKey } from "@/i18n/i18n";
import { urls } from "@/lib/urls";

export interface NavItem {
  to: string;
  label: MessageKey;
  icon: LucideIcon;
  /** After `g`. */
  letter: string;
}

export const navItems: readonly NavItem[] = [
  { to: urls.home(), label: "nav.dashboard", icon: CircleGauge, letter: "d" },
  { to: urls.calls(), label: "nav.calls", icon: Waypoints, letter: "c" },
  { to: urls.traces(), label: "nav.traces", icon: ListTree, letter: "t" },
  { to: urls.crews(), label: "nav.crews", icon: Users, letter: "r" },
  { to: urls.models(), label: "nav.models", icon: Boxes, letter: "m" },
  { to: urls.keys(), label: "nav.keys", icon: KeyRound, letter: "k" },
];

export const startItem: NavItem = { to: "/start", label: "nav.start", icon: Rocket, letter: "s" };
export const settingsItem: NavItem = { to: urls.settings(), label: "nav.settings", icon: Settings, letter: "," };
