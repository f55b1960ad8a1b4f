import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { queries } from "@/api/queries";
import { TopBar } from "@/components/top-bar";
import { Button } from "@/components/ui/button";
import { useT } from "@/i18n/i18n";
import { setPrefs } from "@/lib/prefs";
import { urls } from "@/lib/urls";
import { cn } from "@/lib/utils";
import { ANY_CALL } from "./any-call";
import { DemoCrewStep } from "./demo-crew-step";
import { FirstCall } from "./first-call";
import { SnippetStep } from "./snippet-step";

/** From nothing to the first call on the screen. */
export function StartPage() {
  const t = useT();
  const navigate = useNavigate();
  const providers = useQuery(queries.providers());
  const models = useQuery(queries.models());
  const calls = useInfiniteQuery(queries.calls(ANY_CALL));
  const called = (calls.data?.pages[0]?.items.length ?? 0) > 0;
  const connected = providers.data?.items ?? [];
  const ready = connected.length > 0 && (models.data?.items.length ?? 0) > 0;
  return (
    <>
      <TopBar crumbs={[{ label: t("nav.start") }]}>
        <Button
          variant="ghost"
          size="sm"
          onClick={() => {
            setPrefs({ onboardingDismissed: true });
            void navigate(urls.home());
          }}
        >
          {t("start.dismiss")}
        </Button>
      </TopBar>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label={t("nav.start")}>
        <ol className="mx-auto max-w-3xl px-6 py-8">
          <Step number={1} done={ready} title={t(ready ? "start.connected" : "start.connect")}>
            {ready ? (
              <p className="text-muted-foreground">
                {t("start.connectedBody", { providers: connected.map((one) => one.name).join(", "), n: models.data?.items.length ?? 0 })}{" "}
                <Link to={urls.models()} className="text-link underline underline-offset-2">
                  {t("start.seeModels")}
                </Link>
              </p>
            ) : (
              providers.isSuccess && (
                <Button asChild>
                  <Link to={urls.provider("new")}>{t("models.addProvider")}</Link>
                </Button>
              )
            )}
          </Step>
          <Step number={2} done={called} title={t("start.copy")}>
            <SnippetStep />
          </Step>
          <Step number={3} done={called} title={t("start.watch")}>
            <FirstCall />
          </Step>
          <Step number={4} title={t("start.crew")} last>
            <DemoCrewStep />
          </Step>
        </ol>
      </div>
    </>
  );
}

interface StepProps {
  number: number;
  title: string;
  done?: boolean;
  last?: boolean;
  children: ReactNode;
}

function Step({ number, title, done = false, last = false, children }: StepProps) {
  return (
    <li className="grid grid-cols-[28px_minmax(0,1fr)] gap-x-4">
      <div className="flex flex-col items-center">
        <span aria-hidden className={cn("grid size-7 place-items-center rounded-full text-xs font-semibold tabular-nums", done ? "bg-selected text-ok" : "bg-sunken text-muted-foreground")}>
          {done ? <Check className="size-4" /> : number}
        </span>
        {!last && <span aria-hidden className="my-1 w-px flex-1 bg-border" />}
      </div>
      <section className="min-w-0 pb-9">
        <h2 className="mb-2 pt-0.5 text-lg font-semibold">{title}</h2>
        {children}
      </section>
    </li>
  );
}
