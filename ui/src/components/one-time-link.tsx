import { CodeBlock } from "@/components/code-block";
import { DateTime } from "@/components/numbers";
import { Button } from "@/components/ui/button";
import { fillNodes, useT } from "@/i18n/i18n";
import type { OneTimeLink } from "@/api/types";

interface OneTimeLinkShownProps {
  link: OneTimeLink;
  /** What the link does and for whom. */
  title: string;
  onStored: () => void;
}

/** The only moment a one-time link can be read. */
export function OneTimeLinkShown({ link, title, onStored }: OneTimeLinkShownProps) {
  const t = useT();
  return (
    <div role="status" className="flex max-w-xl flex-col gap-2 py-3 text-left">
      <p className="text-sm font-medium wrap-any">{title}</p>
      <CodeBlock code={link.link} label={title} />
      <p className="text-xs text-muted-foreground">{fillNodes(t("oneTimeLink.hint"), { at: <DateTime at={link.expires_at} /> })}</p>
      <Button variant="outline" size="sm" className="self-start" onClick={onStored}>
        {t("keysPage.stored")}
      </Button>
    </div>
  );
}
