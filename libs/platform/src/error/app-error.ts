/** How loudly an error is logged when nobody handles it. */
export type ErrorLevel = "info" | "warn" | "error" | "fatal";

/** What every {@link AppError} may carry besides its message. */
export interface AppErrorOptions {
  /** The error underneath; kept for the log, never shown to callers. */
  readonly cause?: unknown;
  /** `error` unless told: someone should look. */
  readonly level?: ErrorLevel;
  /** Whether the message may be shown to whoever asked. Default: no. */
  readonly expose?: boolean;
}

/**
 * The base of all our exceptions: a stable `code` to branch on, a log level and a cause.
 *
 * Callers decide by `code`, never by the message, so that a message may be reworded at any time.
 */
export class AppError extends Error {
  readonly code: string;
  readonly level: ErrorLevel;
  readonly expose: boolean;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.level = options.level ?? "error";
    this.expose = options.expose ?? false;
  }
}

/** The message of whatever was thrown, for logs and for causes that cross a process border. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Node's or our own `code` of whatever was thrown, if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown))
    return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
