import type { ServerResponse } from "node:http";
import type { Fault } from "./faults.js";
import type { JournalEntry } from "./journal.js";
import type { Reply } from "./reply.js";

/** Answers in place of a handler, as a fault says. */
export function refuse(
  response: ServerResponse,
  entry: JournalEntry,
  fault: Fault,
): void {
  const resetSeconds =
    Math.ceil(Date.now() / 1_000) + (fault.retryAfterSeconds ?? 60);
  if (fault.kind === "rate_limit_primary") {
    const headers = {
      "x-ratelimit-limit": "5000",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-used": "5000",
      "x-ratelimit-reset": String(resetSeconds),
      "x-ratelimit-resource": "core",
    };
    finish(response, entry, {
      status: 403,
      body: { message: "API rate limit exceeded for user." },
      headers,
    });
    return;
  }
  if (fault.kind === "rate_limit_secondary") {
    const body = {
      message:
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
      documentation_url:
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
    };
    const status = fault.status ?? 403;
    finish(response, entry, {
      status,
      body: status === 200 ? { errors: [{ message: body.message }] } : body,
      headers: fault.namesNoTime
        ? {}
        : { "retry-after": String(fault.retryAfterSeconds ?? 60) },
    });
    return;
  }
  const status = fault.status ?? 500;
  entry.status = status;
  const isPage = status >= 500 && fault.body === undefined;
  response.writeHead(status, {
    "content-type": isPage
      ? "text/html; charset=utf-8"
      : "application/json; charset=utf-8",
  });
  response.end(
    isPage
      ? "<html><body><h1>Unicorn! GitHub is having trouble.</h1></body></html>"
      : JSON.stringify(fault.body ?? { message: "Something went wrong." }),
  );
}

/** Sends a reply, cut short where a fault says so, and writes it into the journal. */
export function finish(
  response: ServerResponse,
  entry: JournalEntry,
  reply: Reply,
  fault?: Fault,
): void {
  entry.responseBody = reply.body ?? undefined;
  if (fault?.kind === "reset_after_handling") {
    response.socket?.destroy();
    return;
  }
  entry.status = reply.status;
  if (reply.body === null) {
    response.writeHead(reply.status, reply.headers).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(reply.body));
  response.writeHead(reply.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": String(bytes.length),
    ...reply.headers,
  });
  if (fault?.kind === "truncate") {
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () =>
      response.socket?.destroy(),
    );
    return;
  }
  response.end(bytes);
}
