import { useT } from "@/i18n/i18n";
import { detectors, type Detector } from "./guardrail-draft";

export function DetectorChoice({ chosen, onChange }: { chosen: ReadonlySet<Detector>; onChange: (chosen: ReadonlySet<Detector>) => void }) {
  const t = useT();
  const toggle = (detector: Detector) => {
    const next = new Set(chosen);
    if (!next.delete(detector)) next.add(detector);
    onChange(next);
  };
  return (
    <fieldset className="grid grid-cols-2 gap-x-3 max-sm:grid-cols-1">
      <legend className="mb-1 text-sm font-medium">{t("guard.detectors")}</legend>
      {detectors.map((detector) => (
        <label key={detector} className="flex min-h-7 items-center gap-2 text-sm">
          <input type="checkbox" checked={chosen.has(detector)} onChange={() => toggle(detector)} className="size-4 accent-(--ring)" />
          {t(`guard.what.${detector}`)}
        </label>
      ))}
    </fieldset>
  );
}
