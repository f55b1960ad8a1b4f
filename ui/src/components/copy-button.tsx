import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";

interface CopyButtonProps {
  text: string;
  /** What is copied, for the button's name: "Copy snippet". */
  label?: string;
  showLabel?: boolean;
  variant?: "ghost" | "outline" | "default";
}

export function CopyButton({ text, label, showLabel = false, variant = "ghost" }: CopyButtonProps) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const name = label ?? t("common.copy");
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <Button variant={variant} size={showLabel ? "sm" : "icon"} onClick={copy} aria-label={name} title={name}>
      {copied ? <Check className="text-ok" /> : <Copy />}
      {showLabel && (copied ? t("common.copied") : name)}
    </Button>
  );
}

/** The clipboard API exists only on secure origins; over plain HTTP on a LAN the old way still works. */
async function copyText(text: string): Promise<void> {
  // Absent on insecure origins, whatever the type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard !== undefined) {
    await clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure origin
  document.execCommand("copy");
  field.remove();
}
