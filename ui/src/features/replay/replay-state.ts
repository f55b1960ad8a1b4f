import type { Replay } from "@/api/types";
import { isMessageKey, type Translate } from "@/i18n/i18n";

export function isOpen(replay: Pick<Replay, "status">): boolean {
  return replay.status === "pending" || replay.status === "running";
}

export function statusTone(status: string): "good" | "bad" | "warn" | "busy" | "quiet" {
  switch (status) {
    case "completed":
      return "good";
    case "failed":
      return "bad";
    case "stopped":
      return "warn";
    case "running":
      return "busy";
    default:
      return "quiet";
  }
}

/** Why it ended early, in the reader's language where the reason is ours, else as the gateway said it. */
export function reasonOf(one: { reason?: string | null; message?: string | null }, t: Translate): string | null {
  const key = `replay.reason.${one.reason ?? ""}`;
  if (isMessageKey(key)) return t(key);
  return one.message ?? one.reason ?? null;
}

/** What is to be known about how a call was sent. */
export function noteSentence(note: string, t: Translate): string {
  const what = /^left_out: (.*)$/.exec(note)?.[1];
  if (what !== undefined) return t("replay.note.left_out", { what });
  const key = `replay.note.${note}`;
  return isMessageKey(key) ? t(key) : note;
}
