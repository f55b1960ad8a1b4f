/** An answer of the platform that is not a success, as RFC 9457 says it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable name of what went wrong, such as `not_found`. */
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null,
    /** Sentence per field that was refused. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(detail === "" ? code : detail);
    this.name = "ApiError";
  }
}

/** The platform could not be reached at all. */
export class NetworkError extends Error {
  constructor(cause: unknown) {
    super("network", { cause });
    this.name = "NetworkError";
  }
}

/** Reads a problem body; anything unreadable still becomes an error with its status. */
export function toApiError(status: number, body: unknown, requestId: string | null): ApiError {
  const raw = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof raw[name] === "string" ? raw[name] : "");
  const fields: Record<string, string> = {};
  if (Array.isArray(raw.errors)) {
    for (const entry of raw.errors as unknown[]) {
      const item = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
      const field = item.field ?? item.pointer;
      const sentence = item.detail ?? item.message;
      if (typeof field === "string" && typeof sentence === "string") fields[field] = sentence;
    }
  }
  const id = text("request_id") || text("instance") || requestId;
  return new ApiError(status, text("code") || `http_${String(status)}`, text("detail") || text("title"), id === "" ? null : id, fields);
}
