import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { errorSentence } from "@/api/errors";
import { startRun } from "@/api/start-run";
import type { Crew } from "@/api/types";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";

/** Starts a run with what its prompts ask for, and goes there. */
export function RunForm({ crew, defaults }: { crew: Crew; defaults: Record<string, string> }) {
  const t = useT();
  const navigate = useNavigate();
  const [inputs, setInputs] = useState<Record<string, string>>(() => Object.fromEntries(crew.placeholders.map((name) => [name, defaults[name] ?? ""])));
  const run = useMutation({
    mutationFn: () => startRun(crew.id, inputs),
    onSuccess: (executionId) => void navigate(urls.run(crew.id, executionId)),
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate();
      }}
    >
      {crew.placeholders.map((name) => (
        <Field key={name} label={name}>
          {(props) => <Textarea {...props} required rows={2} className="min-h-16" value={inputs[name] ?? ""} onChange={(event) => setInputs({ ...inputs, [name]: event.target.value })} />}
        </Field>
      ))}
      {run.error !== null && <p role="alert" className="text-sm wrap-any text-bad">{errorSentence(run.error, t)}</p>}
      <Button type="submit" disabled={run.isPending}>
        <Play />
        {t("crews.runNow")}
      </Button>
    </form>
  );
}
