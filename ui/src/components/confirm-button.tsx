import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";

interface ConfirmButtonProps {
  label: string;
  /** What will happen, asked where the button is. */
  question: string;
  onConfirm: () => void;
}

/** For what cannot be undone: asks once, in place. */
export function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Button variant="destructive" onClick={() => setAsking(true)}>
        {label}
      </Button>
    );
  }
  return (
    <div role="group" aria-label={label} className="flex w-full flex-wrap items-center gap-2 rounded-md bg-bad-soft p-2.5 text-sm">
      <span className="w-full wrap-any">{question}</span>
      <Button
        variant="destructive"
        className="bg-raised"
        autoFocus
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {label}
      </Button>
      <Button variant="ghost" onClick={() => setAsking(false)}>
        {t("common.cancel")}
      </Button>
    </div>
  );
}
