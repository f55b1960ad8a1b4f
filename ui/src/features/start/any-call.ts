import type { queries } from "@/api/queries";

/** The filter that lets every call through; one object, so that every reader shares one answer. */
export const ANY_CALL: Parameters<typeof queries.calls>[0] = {};
