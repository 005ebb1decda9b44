/** Why a request was not accepted: the status and one sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 405 | 413 | 415 | 500 | 503;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const titles: Readonly<Record<Refusal["status"], string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The body of a refusal, after RFC 9457. */
export function problemOf({ status, detail }: Refusal): string {
  return JSON.stringify({
    type: "about:blank",
    title: titles[status],
    status,
    detail,
  });
}
