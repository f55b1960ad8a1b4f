import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";
import { shortId } from "@/lib/format";

/** Keys beyond this many are found by typing. */
const FILTER_FROM = 8;

/** The keys whose calls a guardrail looks at; none chosen is all. A chosen key that was deleted since can still be taken out. */
export function KeyChoice({ chosen, onChange }: { chosen: readonly string[]; onChange: (keys: readonly string[]) => void }) {
  const t = useT();
  const query = useQuery(queries.keys());
  const [filter, setFilter] = useState("");
  const known = query.data?.items ?? [];
  const gone = query.data === undefined ? [] : chosen.filter((id) => known.every((key) => key.id !== id));
  const wanted = filter.trim().toLowerCase();
  const shown = known.filter((key) => chosen.includes(key.id) || key.name.toLowerCase().includes(wanted));
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">{`${t("guard.keys")} (${t("common.optional")})`}</legend>
      {known.length > FILTER_FROM && <Input className="h-7 max-w-60 text-xs" aria-label={t("guard.keyFilter")} placeholder={t("guard.keyFilter")} value={filter} onChange={(event) => setFilter(event.target.value)} />}
      {query.error !== null && <p role="alert" className="text-xs text-bad">{errorSentence(query.error, t)}</p>}
      {query.data !== undefined && known.length === 0 && gone.length === 0 && <p className="text-xs text-muted-foreground">{t("guard.keysNone")}</p>}
      <div className="max-h-44 overflow-y-auto">
        {shown.map((key) => (
          <KeyLine key={key.id} checked={chosen.includes(key.id)} onChange={() => toggle(key.id)}>
            {key.name} <code className="text-xs text-muted-foreground">{key.hint}</code>
          </KeyLine>
        ))}
        {gone.map((id) => (
          <KeyLine key={id} checked onChange={() => toggle(id)}>
            <span className="text-muted-foreground">{t("guard.keyGone")}</span> <code className="text-xs text-muted-foreground">{shortId(id)}</code>
          </KeyLine>
        ))}
      </div>
      <p className="text-xs text-muted-foreground">{t("guard.keysHint")}</p>
    </fieldset>
  );
}

function KeyLine({ checked, onChange, children }: { checked: boolean; onChange: () => void; children: React.ReactNode }) {
  return (
    <label className="flex min-h-7 items-center gap-2 text-sm">
      <input type="checkbox" checked={checked} onChange={onChange} className="size-4 shrink-0 accent-(--ring)" />
      <span className="min-w-0 truncate">{children}</span>
    </label>
  );
}
