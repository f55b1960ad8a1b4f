import { Link } from "react-router";
import { CodeBlock } from "@/components/code-block";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";

/** The only moment a key can be read. */
export function NewKeyShown({ secret }: { secret: string }) {
  const t = useT();
  return (
    <div className="flex max-w-lg flex-col gap-3 p-4">
      <p className="max-w-[60ch] text-sm">{t("keysPage.shownOnce")}</p>
      <CodeBlock code={secret} label={t("keysPage.key")} />
      <div>
        <Button asChild variant="outline">
          <Link to={urls.keys()}>{t("keysPage.stored")}</Link>
        </Button>
      </div>
    </div>
  );
}
