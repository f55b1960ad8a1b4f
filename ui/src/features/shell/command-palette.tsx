import { ArrowRight, Languages, Moon, Plus, Sun } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from "@/components/ui/command";
import { Dialog } from "@/components/ui/dialog";
import { useT } from "@/i18n/i18n";
import { idTarget } from "@/lib/id-target";
import { setOverlay, useOverlay } from "@/lib/palette";
import { isDark, setPrefs, usePrefs } from "@/lib/prefs";
import { urls } from "@/lib/urls";
import { navItems, settingsItem, startItem } from "./nav";

export function CommandPalette() {
  const t = useT();
  const open = useOverlay() === "palette";
  return (
    <Dialog open={open} onClose={() => setOverlay("none")} label={t("palette.title")}>
      <PaletteBody />
    </Dialog>
  );
}

function PaletteBody() {
  const t = useT();
  const navigate = useNavigate();
  const prefs = usePrefs();
  const [text, setText] = useState("");
  const target = idTarget(text);
  const dark = isDark(prefs);
  const run = (action: () => void) => () => {
    setOverlay("none");
    action();
  };
  const go = (to: string) => run(() => void navigate(to));
  return (
    <Command label={t("palette.title")}>
      <CommandInput autoFocus placeholder={t("palette.placeholder")} value={text} onValueChange={setText} />
      <CommandList>
        <CommandEmpty>{t("palette.empty")}</CommandEmpty>
        {target !== null && (
          <CommandItem value={text} onSelect={go(target)}>
            <ArrowRight />
            {t("palette.openId", { id: text.trim() })}
          </CommandItem>
        )}
        <CommandGroup heading={t("palette.goto")}>
          {[...navItems, settingsItem, startItem].map((item) => (
            <CommandItem key={item.to} value={`${t(item.label)} ${item.to}`} onSelect={go(item.to)}>
              <item.icon />
              {t(item.label)}
              <kbd className="key ml-auto">g {item.letter}</kbd>
            </CommandItem>
          ))}
        </CommandGroup>
        <CommandGroup heading={t("palette.do")}>
          <CommandItem onSelect={go(urls.key("new"))}>
            <Plus />
            {t("palette.newKey")}
          </CommandItem>
          <CommandItem onSelect={run(() => setPrefs({ theme: dark ? "light" : "dark" }))}>
            {dark ? <Sun /> : <Moon />}
            {t(dark ? "palette.themeLight" : "palette.themeDark")}
          </CommandItem>
          <CommandItem onSelect={run(() => setPrefs({ locale: prefs.locale === "en" ? "ko" : "en" }))}>
            <Languages />
            {t("palette.language")}
          </CommandItem>
        </CommandGroup>
      </CommandList>
    </Command>
  );
}
