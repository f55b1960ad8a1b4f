import type { WhatIf, WhatIfModel } from "@/api/types";
import { difference } from "@/lib/decimal";

export const sortKeys = ["model", "cost", "input", "cache", "output", "difference"] as const;
export type SortKey = (typeof sortKeys)[number];

/** What one model would have cost more or less; null when one of the two is not known whole. */
export function against(found: WhatIf, model: WhatIfModel): string | null {
  const { cost } = model;
  if (cost === null || cost === undefined || found.unknown_cost_calls > 0) return null;
  return difference(found.recorded_cost, cost);
}

function amountOf(found: WhatIf, model: WhatIfModel, key: Exclude<SortKey, "model">): string | null {
  if (key === "difference") return against(found, model);
  return (key === "cost" ? model.cost : model.costs?.[key]) ?? null;
}

/** In the order wanted; what has no amount stands last, whichever way. */
export function sorted(found: WhatIf, key: SortKey, descending: boolean): WhatIfModel[] {
  const sign = descending ? -1 : 1;
  return [...found.models].sort((a, b) => {
    const byName = `${a.provider}/${a.model}`.localeCompare(`${b.provider}/${b.model}`);
    if (key === "model") return sign * byName;
    const [left, right] = [amountOf(found, a, key), amountOf(found, b, key)];
    if (left === null || right === null) return left === right ? byName : left === null ? 1 : -1;
    return sign * (Number(left) - Number(right)) || byName;
  });
}
