import { Link } from "react-router";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";

/** No call has come in the last day: what will be here, and the way to the first one. */
export function StartHint() {
  const t = useT();
  return (
    <EmptyState
      title={t("calls.empty")}
      action={
        <Button asChild>
          <Link to="/start">{t("calls.emptyAction")}</Link>
        </Button>
      }
    >
      {t("calls.emptyBody")}
    </EmptyState>
  );
}
