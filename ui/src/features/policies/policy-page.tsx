import { useMe } from "@/api/session";
import { SettingsFrame } from "@/features/settings/settings-frame";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { PolicySection } from "./policy-section";

/** What the team says about recording and the response cache. */
export function PolicyPage() {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const team = teamId ?? me.teams[0]?.id ?? "";
  return (
    <SettingsFrame title="policy.title">
      <div className="flex max-w-3xl flex-col gap-6">
        <p className="text-sm text-muted-foreground">{t("policy.about")}</p>
        <PolicySection speaker="teams" id={team} editable={canAdminister(me, team)} />
      </div>
    </SettingsFrame>
  );
}
