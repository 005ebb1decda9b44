import { logEntry, MAX_PAGE_SIZE } from "@pullwright/contracts";
import type { z } from "zod";
import { follow } from "../client/follow.js";
import type { CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { jsonText } from "../terminal/json-text.js";
import { line, paint, type Colour } from "../terminal/terminal.js";

export interface LogWish {
  readonly follow: boolean;
  readonly after: number;
  readonly phase: string | undefined;
  readonly level: string | undefined;
}

const streamed = logEntry.omit({ context: true });
type Entry = z.output<typeof streamed>;

/** Prints a run's log; with `follow`, goes on until the run has ended. */
export async function printLogs(
  context: CommandContext,
  adwId: string,
  wish: LogWish,
): Promise<ExitCode> {
  const { signal, lost } = context;
  const reader = { ...context, client: context.client.until(lost) };
  try {
    return await (wish.follow
      ? followLogs(reader, adwId, wish)
      : pageLogs(reader, adwId, wish));
  } catch (error) {
    // Ctrl-C is how one stops looking; `head` stops by itself.
    if (signal.aborted || lost.aborted) return exitCodes.ok;
    throw error;
  }
}

async function pageLogs(
  context: CommandContext,
  adwId: string,
  { after, phase, level }: LogWish,
): Promise<ExitCode> {
  for (let position = after; ;) {
    const page = await context.client.call("getLogs", {
      params: { adw_id: adwId },
      query: { after: position, limit: MAX_PAGE_SIZE, phase, level },
    });
    for (const entry of page.entries) print(context, entry);
    if (page.entries.length < MAX_PAGE_SIZE) return exitCodes.ok;
    position = page.next_after;
  }
}

const severity = ["DEBUG", "INFO", "WARNING", "ERROR"];

async function followLogs(
  context: CommandContext,
  adwId: string,
  { after, phase, level }: LogWish,
): Promise<ExitCode> {
  const least = severity.indexOf(level?.toUpperCase() ?? "DEBUG");
  const stream = follow(context.client, "streamLogs", adwId, after);
  for await (const { event, data } of stream) {
    if (event === "end") break;
    const entry = streamed.parse(JSON.parse(data));
    if (phase !== undefined && entry.phase !== phase) continue;
    if (severity.indexOf(entry.level) >= least) print(context, entry);
  }
  return exitCodes.ok;
}

const colours: Readonly<Record<string, Colour>> = {
  ERROR: "red",
  WARNING: "yellow",
  DEBUG: "dim",
};

/** One line an entry, whatever it holds; as JSON one object a line. */
function print({ terminal, json }: CommandContext, entry: Entry): void {
  if (json) {
    terminal.out(`${jsonText(entry)}\n`);
    return;
  }
  const at = entry.timestamp.slice(11, 19);
  const text = `${at} ${line(entry.phase ?? "-").padEnd(8)} ${line(entry.message)}`;
  const colour = colours[entry.level];
  terminal.out(`${colour ? paint(terminal, colour, text) : text}\n`);
}
