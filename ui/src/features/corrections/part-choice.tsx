import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import { Count } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { readStored } from "@/lib/conversation";
import { partId, type Part } from "./correction";

interface PartChoiceProps {
  parts: readonly Part[];
  /** What is known of the prompts among the parts. */
  prompts: readonly { prompt: string; calls: number; example_call_id?: string | null | undefined }[];
  loading: boolean;
  value: string;
  onChange: (part: string) => void;
}

/** Which of an agent's calls become an agent of their own. */
export function PartChoice({ parts, prompts, loading, value, onChange }: PartChoiceProps) {
  const t = useT();
  if (parts.length === 0) return <p className="text-sm text-muted-foreground">{t(loading ? "correct.counting" : "correct.nothingToSplit")}</p>;
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">{t("correct.which")}</legend>
      {parts.map((part) => {
        const prompt = part.by === "prompt" ? prompts.find((one) => one.prompt === part.id) : undefined;
        return (
          <label key={partId(part)} className="flex min-h-8 cursor-pointer items-start gap-2 rounded-md px-2 py-1.5 text-sm hover:bg-hover">
            <input type="radio" name="part" required className="mt-0.5 size-4 shrink-0 accent-(--ring)" checked={value === partId(part)} onChange={() => onChange(partId(part))} />
            <span className="min-w-0">
              <span className="block text-xs text-muted-foreground">
                {t(part.by === "prompt" ? "correct.byPrompt" : "correct.byConversation")}
                {prompt !== undefined && <> · <Count value={prompt.calls} /> {t("correct.callsWord")}</>}
              </span>
              <span className="line-clamp-2 wrap-any">{prompt === undefined ? part.label : <PromptWords prompt={part.id} callId={prompt.example_call_id ?? null} />}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** The beginning of a system prompt, from a call that had it; its id where the content is not kept. */
function PromptWords({ prompt, callId }: { prompt: string; callId: string | null }) {
  const query = useQuery({ ...queries.call(callId ?? ""), enabled: callId !== null });
  const system = query.data?.content?.input.find((message) => message.role === "system" || message.role === "developer");
  const words = system === undefined ? "" : readStored(system).parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n").trim();
  return words === "" ? <code>{prompt}</code> : <>{words.slice(0, 240)}</>;
}
