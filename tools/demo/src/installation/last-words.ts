import { readFileSync } from "node:fs";

const MAX_LENGTH = 400;

/** What a log file ends with, in one line: what the process died of, else its last error, else its last line. */
export function lastWords(logFile: string): string {
  try {
    return lastWordsOf(readFileSync(logFile, "utf8"));
  } catch {
    return "it left no log";
  }
}

export function lastWordsOf(log: string): string {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const thrown = lines.findLast((line) =>
    /^(?:\w*Error\b[^:]*: |Pullwright did not start\.)/.test(line),
  );
  const records = lines.map(readLine);
  const error = records.findLast(({ isError }) => isError);
  const words = thrown ?? (error ?? records.at(-1))?.message;
  return words?.slice(0, MAX_LENGTH) ?? "its log is empty";
}

function readLine(line: string): { isError: boolean; message: string } {
  try {
    const { level, msg, err } = JSON.parse(line) as Record<string, unknown>; // what is no object has no fields, or throws
    const detail =
      typeof err === "object" && err !== null && "message" in err
        ? `: ${String(err.message)}`
        : "";
    if (typeof msg === "string")
      return {
        isError: level === "error" || level === "fatal",
        message: `${msg}${detail}`,
      };
  } catch {
    // None of our records: whatever a program prints on its way out.
  }
  return { isError: false, message: line };
}
