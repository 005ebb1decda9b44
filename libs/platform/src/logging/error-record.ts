import { types } from "node:util";

/** Deeper causes tell nothing new, and a circle of them needs an end. */
const MAX_CAUSES = 5;

/** What a log tells of an error. */
export interface ErrorRecord {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** Whether something is an error, of another realm too: Node's own errors are that under a test runner. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/**
 * What of a thrown thing may be written. Whatever else hangs on an error stays away: one of `pg` carries its whole
 * client, one of an HTTP library the request with its headers. What is no object is left as it is.
 */
export function errorRecord(thrown: unknown, causes = MAX_CAUSES): unknown {
  if (typeof thrown !== "object" || thrown === null) return thrown;
  const { constructor, message, code, stack, cause } = thrown as Readonly<
    Record<string, unknown>
  >; // Any object may be asked for any field; each is checked below.
  return {
    // Its class, since many errors keep the name that they inherit.
    type: typeof constructor === "function" ? constructor.name : "Object",
    message: typeof message === "string" ? message : "",
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined || cause === null || causes === 0
      ? {}
      : { cause: errorRecord(cause, causes - 1) }),
  } satisfies ErrorRecord;
}
