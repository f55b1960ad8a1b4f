import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { keepLinkTokenAway } from "./link-token";

/** A button per provider people can sign in at; nothing where there is none. A page that cannot ask still offers the password. */
export function SsoButtons({ returnTo }: { returnTo: string }) {
  const t = useT();
  const providers = useQuery(queries.signInProviders());
  const items = providers.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      {items.map((provider) => (
        <Button key={provider.id} asChild variant="outline" size="lg">
          <a href={`${provider.login_url}&return_to=${encodeURIComponent(returnTo)}`} onClick={() => keepLinkTokenAway(returnTo, Date.now())}>
            {t("sso.with", { name: provider.name })}
          </a>
        </Button>
      ))}
      <div className="my-3 flex items-center gap-3 text-xs text-muted-foreground">
        <span className="h-px flex-1 bg-border" />
        {t("sso.or")}
        <span className="h-px flex-1 bg-border" />
      </div>
    </div>
  );
}
