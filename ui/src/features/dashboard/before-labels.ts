import type { MessageKey } from "@/i18n/i18n";
import type { Range } from "./series";

/** What a range is compared with, in words. */
export const beforeLabels: Record<Range, MessageKey> = { hour: "dash.beforeHour", today: "dash.beforeToday", week: "dash.beforeWeek" };
