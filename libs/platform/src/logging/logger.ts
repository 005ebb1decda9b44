import pino from "pino";
import { clean, type Json } from "./clean-record.js";
import { errorRecord, isError } from "./error-record.js";
import { prettyLine } from "./pretty-line.js";

/** Writes one JSON object a line; secrets never get in. */
export type Logger = pino.Logger;

/** The least important messages to write. */
export type LogLevel =
  "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export interface LoggerOptions {
  /** The app that speaks. */
  readonly service: string;
  readonly level?: LogLevel;
  /** Values that must not be written, wherever they turn up. */
  readonly secrets?: readonly string[];
  /** Short coloured lines for people in place of JSON. */
  readonly pretty?: boolean;
  /** Default: stdout. */
  readonly destination?: { write(line: string): unknown };
}

/** Creates the logger of a process. */
export function createLogger(options: LoggerOptions): Logger {
  const {
    service,
    level = "info",
    secrets = [],
    pretty = false,
    destination,
  } = options;
  // A longer secret may contain a shorter one; hidden first, it leaves no remains.
  const hidden = [...secrets].sort((a, b) => b.length - a.length);
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: withErrorRecords,
      },
      // A child's bindings pass no formatter.
      serializers: { err: (value) => errorRecord(value) },
      // On the finished line, since only there nothing escapes: message, fields, errors and a child's bindings alike.
      hooks: { streamWrite: (line) => rewrite(line, hidden, pretty) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** A logger that writes nothing, for tests and for tools that speak otherwise. */
export function createSilentLogger(): Logger {
  return pino({ level: "silent" });
}

/** The fields with every error told by its record, under whatever name it stands; `err` has its serializer. */
function withErrorRecords(
  fields: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name !== "err" && isError(value) ? errorRecord(value) : value,
    ]),
  );
}

function rewrite(
  line: string,
  secrets: readonly string[],
  pretty: boolean,
): string {
  const record = clean(JSON.parse(line) as Json, secrets); // pino wrote it a moment ago.
  if (
    !pretty ||
    typeof record !== "object" ||
    record === null ||
    Array.isArray(record)
  )
    return `${JSON.stringify(record)}\n`;
  return prettyLine(record);
}
