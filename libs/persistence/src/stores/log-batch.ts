import { toJson } from "../storable.js";
import type { LogLine } from "./log-line.js";
import { quoted } from "./text-array.js";

/** Lines in the form that Postgres takes; made while it is still busy with the batch before. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  /** Times, levels, messages and contexts as array literals; null where all are null. */
  readonly columns: readonly (string | null)[];
}

/**
 * Encodes lines for {@link Logs.append}.
 *
 * By hand, since this is the hot path of a chatty agent: the driver's own encoding of the same arrays took as long as
 * Postgres took to insert them.
 */
export function toLogBatch(lines: readonly LogLine[]): LogBatch {
  let times = "";
  let levels = "";
  let messages = "";
  let separator = "{";
  let lastMs = Number.NaN;
  let lastTime = "";
  for (const { at, level, message } of lines) {
    const ms = at.getTime();
    if (ms !== lastMs) {
      lastMs = ms;
      lastTime = at.toISOString();
    }
    times += separator + lastTime;
    levels += separator + level;
    messages += separator + quoted(message);
    separator = ",";
  }
  const columns = [times, levels, messages, contextsOf(lines)];
  return {
    lines,
    columns: columns.map((column) =>
      column === null ? null : `${column || "{"}}`,
    ),
  };
}

/** Most lines have none. */
function contextsOf(lines: readonly LogLine[]): string | null {
  if (lines.every(({ context }) => context === undefined)) return null;
  const values = lines.map(({ context }) =>
    context === undefined ? "NULL" : quoted(toJson(context)),
  );
  return `{${values.join(",")}`;
}
