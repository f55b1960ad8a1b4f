import type { components } from "@/api/schema";
import type { Model } from "@/api/types";
import { Duration } from "@/components/numbers";
import { useT } from "@/i18n/i18n";

/** What asking each provider showed. */
export function ModelCheckResult({ check, model }: { check: components["schemas"]["ModelCheck"]; model: Model }) {
  const t = useT();
  return (
    <ul role="status" className="flex flex-col gap-2 text-sm">
      {check.targets.map((target) => {
        const name = model.targets.find((one) => one.deployment_id === target.deployment_id)?.provider_name ?? "";
        return (
          <li key={target.deployment_id} className="rounded-md bg-sunken px-3 py-2">
            <div className="flex items-center gap-2">
              <span className={target.healthy ? "font-medium text-ok" : "font-medium text-bad"}>{t(target.healthy ? "models.healthy" : "models.unhealthy")}</span>
              <span>{name}</span>
              <span className="ml-auto text-muted-foreground">
                <Duration ms={target.duration_ms} />
              </span>
            </div>
            <p className="mt-0.5 text-xs wrap-any text-muted-foreground">{target.message}</p>
          </li>
        );
      })}
    </ul>
  );
}
