import { useState } from "react";
import { Repeat2 } from "lucide-react";
import { useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { ReplayForm } from "./replay-form";
import type { ReplayScope } from "./replay-draft";

interface ReplayButtonProps {
  callId: string;
  /** What is offered first: a call by itself, a trace as a whole. */
  scope: ReplayScope;
}

/** Offers to send a recorded call again, to whoever may spend on the team. */
export function ReplayButton({ callId, scope }: ReplayButtonProps) {
  const t = useT();
  const me = useMe();
  const [open, setOpen] = useState(false);
  if (!canWrite(me)) return null;
  return (
    <>
      <Button variant="outline" size="sm" onClick={() => setOpen(true)}>
        <Repeat2 />
        {t("replay.button")}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} label={t("replay.title")} className="mt-[6vh] w-[min(42rem,calc(100vw-2rem))]">
        <ReplayForm callId={callId} first={scope} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}
