import type { Speaker } from "@/api/types";
import type { Translate } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";

/** How an agent of a run is drawn, in every view the same. */
export interface Look {
  key: string;
  /** Null when nobody named it. */
  name: string | null;
  /** Its name, or what it is when it has none. */
  label: string;
  /** What color and form are made from: the name, which every page knows, else the key. */
  seed: string | null;
  color: string;
  speaker: Speaker;
}

export function looksOf(speakers: readonly Speaker[], t: Translate): Map<string, Look> {
  return new Map(speakers.map((speaker) => [speaker.agent, lookOf(speaker, t)]));
}

export function lookOf(speaker: Speaker, t: Translate): Look {
  const name = speaker.name === null || speaker.name === undefined || speaker.name === "" ? null : speaker.name;
  const seed = speaker.kind === "unknown" || speaker.kind === "framework" ? null : (name ?? speaker.agent);
  const none = speaker.kind === "unknown" ? t("trace.noAgent") : speaker.kind === "framework" ? t("tree.framework") : t("tree.unnamed");
  return { key: speaker.agent, name, label: name ?? none, seed, color: agentColor(seed), speaker };
}
