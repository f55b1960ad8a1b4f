import { isRouteErrorResponse, Link, useRouteError } from "react-router";
import { EmptyState, ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";

/** The last net: a page that broke says so and can be loaded again. */
export function RouteError() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  return <ErrorState error={error} onRetry={() => window.location.reload()} />;
}

export function NotFound() {
  const t = useT();
  return (
    <EmptyState
      level={1}
      title={t("error.pageNotFound")}
      action={
        <Button asChild variant="outline">
          <Link to={urls.home()}>{t("error.goHome")}</Link>
        </Button>
      }
    />
  );
}
