import type { MessageKey } from "@/i18n/i18n";

/** Why a single sign-on came back without a session, as `?sso_error=` says it. */
const sentences = {
  unknown_provider: "sso.error.unknown_provider",
  not_begun_here: "sso.error.not_begun_here",
  denied: "sso.error.denied",
  unavailable: "sso.error.unavailable",
  failed: "sso.error.failed",
  unverified_email: "sso.error.unverified_email",
  other_domain: "sso.error.other_domain",
  email_taken: "sso.error.email_taken",
  no_account: "sso.error.no_account",
  account_off: "sso.error.account_off",
} as const satisfies Record<string, MessageKey>;

/** The sentence for a code; a code nobody knows is a failure like any other. Null when there was no error. */
export function ssoErrorKey(code: string | null): MessageKey | null {
  if (code === null) return null;
  return Object.hasOwn(sentences, code) ? sentences[code as keyof typeof sentences] : sentences.failed;
}
