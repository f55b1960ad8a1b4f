import { useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import { useSignOut } from "@/features/shell/account";
import { useT } from "@/i18n/i18n";
import { AuthFrame } from "./auth-frame";

export function PendingNotice() {
  const t = useT();
  const me = useMe();
  const signOut = useSignOut();
  return (
    <AuthFrame title={t("auth.pendingTitle")}>
      <p className="mb-5 text-muted-foreground">{t("auth.pendingBody")}</p>
      <p className="mb-5 text-sm">{me.email}</p>
      <Button variant="outline" onClick={signOut}>
        {t("nav.logout")}
      </Button>
    </AuthFrame>
  );
}
