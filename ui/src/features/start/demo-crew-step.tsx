import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useNavigate } from "react-router";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { startRun } from "@/api/start-run";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";

/** One click from here to a crew at work: the oldest crew of the team, which at first is the demo crew. */
export function DemoCrewStep() {
  const t = useT();
  const navigate = useNavigate();
  const query = useQuery(queries.crews());
  const crew = query.data?.items.find((one) => one.name === "Demo crew") ?? query.data?.items[0];
  const run = useMutation({
    mutationFn: (id: string) => startRun(id, {}),
    onSuccess: (executionId, id) => void navigate(urls.run(id, executionId)),
  });
  if (query.isPending) return null;
  if (crew === undefined) return <p className="text-muted-foreground">{t("start.noCrew")}</p>;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-muted-foreground">{t("start.crewBody")}</p>
      <Button disabled={run.isPending} onClick={() => run.mutate(crew.id)}>
        <Play />
        {t("start.runCrew", { name: crew.name })}
      </Button>
      {run.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(run.error, t)}</p>}
    </div>
  );
}
