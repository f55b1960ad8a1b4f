import type { MessageKey, Translate } from "@/i18n/i18n";
import { ApiError, NetworkError } from "@/lib/problem";

export interface ErrorWords {
  title: string;
  detail: string;
  /** Something to quote when asking for help. */
  id: string | null;
}

const titles: Partial<Record<number, MessageKey>> = {
  401: "error.signedOut",
  403: "error.forbidden",
  404: "error.notFound",
  409: "error.conflict",
  429: "error.tooMany",
  503: "error.unavailable",
};

/** What happened, in the reader's language; the platform's own sentence as detail. */
export function describeError(error: unknown, t: Translate): ErrorWords {
  if (error instanceof ApiError) {
    const key = titles[error.status] ?? (error.status >= 500 ? "error.server" : "error.refused");
    return { title: t(key), detail: error.detail, id: error.requestId };
  }
  if (error instanceof NetworkError) {
    return { title: t("error.offline"), detail: t("error.offlineDetail"), id: null };
  }
  return { title: t("error.page"), detail: error instanceof Error ? error.message : "", id: null };
}

/** The one sentence for a toast or under a form. */
export function errorSentence(error: unknown, t: Translate): string {
  const words = describeError(error, t);
  return words.detail === "" ? words.title : words.detail;
}
