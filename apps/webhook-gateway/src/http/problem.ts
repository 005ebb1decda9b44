import type { FastifyReply } from "fastify";

/** Why a request was not accepted: the status and one sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 404 | 405 | 413 | 415 | 500 | 503;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const titles: Readonly<Record<Refusal["status"], string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The body of a refusal, after RFC 9457. As bytes: to a string Fastify would add a charset, which JSON has not. */
function problemOf({ status, detail }: Refusal): Buffer {
  const title = titles[status];
  return Buffer.from(
    JSON.stringify({ type: "about:blank", title, status, detail }),
  );
}

/** Answers with a refusal. */
export function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply
    .code(refusal.status)
    .headers(refusal.headers ?? {})
    .type("application/problem+json")
    .send(problemOf(refusal));
}
