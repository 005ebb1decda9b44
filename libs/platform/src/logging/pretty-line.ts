import type { Json } from "./clean-record.js";

const colours: Record<string, string> = {
  warn: "\u001b[33m",
  error: "\u001b[31m",
  fatal: "\u001b[31m",
  debug: "\u001b[2m",
};
const known = new Set(["level", "time", "service", "pid", "msg"]);

/** A record as one short line for a terminal. */
export function prettyLine(record: Record<string, Json>): string {
  const { time, level, service, msg } = record;
  const rest = Object.entries(record).filter(([name]) => !known.has(name));
  const details = rest.map(
    ([name, value]) =>
      ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const [label, at] = [text(level), text(time).slice(11, 19)];
  return `${colours[label] ?? ""}${at} ${label.padEnd(5)} ${text(service)}: ${text(msg)}${details.join("")}\u001b[0m\n`;
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
