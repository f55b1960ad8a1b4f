import { useMutation } from "@tanstack/react-query";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { useMe } from "@/api/session";
import { ConfirmButton } from "@/components/confirm-button";
import { useT } from "@/i18n/i18n";
import { canWrite } from "@/lib/can";
import { showToast } from "@/lib/toasts";

/** Ends one call; its run goes on. */
export function KillCallButton({ callId }: { callId: string }) {
  const t = useT();
  const me = useMe();
  const kill = useMutation({
    mutationFn: () => unwrap(client.POST("/api/calls/{call_id}/kill", { params: { path: { call_id: callId } }, body: {} })),
    onSuccess: () => showToast("done", t("kill.callDone")),
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  if (!canWrite(me)) return null;
  if (kill.isPending || kill.isSuccess) return <span className="text-sm text-muted-foreground">{t("kill.ending")}</span>;
  return <ConfirmButton label={t("kill.call")} question={t("kill.callQuestion")} onConfirm={() => kill.mutate()} />;
}
