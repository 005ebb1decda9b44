import { AppError, codeOf, messageOf } from "@pullwright/platform";

/** Postgres is away, starting, stopping, full or silent: the caller may try again later. */
export class DatabaseUnavailable extends AppError {
  constructor(cause: unknown) {
    super(
      "database_unavailable",
      `Postgres does not answer: ${messageOf(cause)}`,
      { cause, level: "warn" },
    );
  }
}

/** Postgres error classes that say something about the server, not about the statement. */
const serverStates = ["08", "53", "57", "58"];

/** Deadlock, serialisation and lock time-outs: the same statement may succeed next time. */
const passingStates: ReadonlySet<string> = new Set([
  "40001",
  "40P01",
  "55P03",
  "25P03",
]);

/** Errors of Node's sockets and of pg's own timers carry no SQLSTATE. */
const socketCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

const driverMessages = [
  "Query read timeout",
  "timeout exceeded when trying to connect",
  "Connection terminated",
  "Client has encountered a connection error",
  "timeout expired",
];

/** Translates a driver's error; anything that is not about the server's health stays as it is. */
export function atTheDoor(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable) return error;
  const code = codeOf(error) ?? "";
  const message = messageOf(error);
  const away =
    socketCodes.has(code) ||
    passingStates.has(code) ||
    (code.length === 5 && serverStates.includes(code.slice(0, 2))) ||
    driverMessages.some((text) => message.startsWith(text));
  return away ? new DatabaseUnavailable(error) : error;
}

/** The name of the unique constraint that a statement broke, if that is what happened. */
export function brokenConstraint(error: unknown): string | undefined {
  if (codeOf(error) !== "23505") return undefined;
  return (error as { constraint?: string }).constraint;
}

/** A kept statement's plan gives other columns than it did, since its table has changed. */
export function isStalePlan(error: unknown): boolean {
  return (
    codeOf(error) === "0A000" && messageOf(error).startsWith("cached plan")
  );
}
