import { Dialog } from "@/components/ui/dialog";
import { useT, type MessageKey } from "@/i18n/i18n";
import { setOverlay, useOverlay } from "@/lib/palette";
import { navItems, settingsItem } from "./nav";

const keys: readonly (readonly [string, MessageKey])[] = [
  ["⌘K", "keys.palette"],
  ["/", "keys.search"],
  ["j k", "keys.walk"],
  ["Enter", "keys.open"],
  ["Esc", "keys.close"],
  ["e", "keys.expand"],
  ["r", "keys.raw"],
  ["f", "keys.fit"],
  ["1 2 3", "keys.views"],
  ["c", "keys.correct"],
  ["[", "nav.collapse"],
  ["?", "keys.help"],
];

export function KeysHelp() {
  const t = useT();
  const open = useOverlay() === "keys";
  const rows: [string, string][] = [
    ...keys.map(([key, label]): [string, string] => [key, t(label)]),
    ...[...navItems, settingsItem].map((item): [string, string] => [`g ${item.letter}`, t("keys.goto", { page: t(item.label) })]),
  ];
  return (
    <Dialog open={open} onClose={() => setOverlay("none")} label={t("keys.title")} className="w-[min(40rem,calc(100vw-2rem))]">
      <div className="p-5">
        <h2 className="mb-3 font-semibold">{t("keys.title")}</h2>
        <dl className="columns-2 gap-8 text-sm">
          {rows.map(([key, label]) => (
            <div key={key} className="flex h-8 break-inside-avoid items-center justify-between gap-3">
              <dt className="truncate text-muted-foreground">{label}</dt>
              <dd className="flex gap-1">
                {key.split(" ").map((one) => (
                  <kbd key={one} className="key">{one}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
