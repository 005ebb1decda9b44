import { auditEntry, type AuditEntryShape } from "@pullwright/contracts";
import type { CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { jsonText } from "../terminal/json-text.js";
import { printTable } from "../terminal/print-table.js";
import { line } from "../terminal/terminal.js";

export interface AuditWish {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly actor: string | undefined;
  readonly action: string | undefined;
  readonly repository: string | undefined;
  readonly adwId: string | undefined;
  /** Unset: a page, or everything as JSON. */
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

const PAGE_SIZE = 20;

/** Tells who did what, when, by what trigger, from where; newest first. */
export async function showAudit(
  context: CommandContext,
  { repository, adwId, limit, cursor, ...wish }: AuditWish,
): Promise<ExitCode> {
  const query = { ...wish, repository, adw_id: adwId, cursor };
  if (context.json) return printLines(context, query, limit ?? Infinity);
  const { client, terminal } = context;
  const page = await client.call("listAudit", {
    query: { ...query, limit: limit ?? PAGE_SIZE },
  });
  const head = ["AT", "WHO", "DID", "BY", "FROM", "RUN", "REPOSITORY"];
  const rows = page.items.map((entry) => [
    atOf(entry),
    line(entry.actor),
    line(entry.action),
    line(entry.source),
    line(entry.origin),
    line(entry.adw_id),
    line(entry.repository),
  ]);
  printTable(terminal, head, rows);
  if (page.next_cursor !== null)
    terminal.out(`more: --cursor ${line(page.next_cursor)}\n`);
  return exitCodes.ok;
}

/** One entry a line, as they come: an audit may be longer than memory. */
async function printLines(
  { client, terminal, lost }: CommandContext,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<ExitCode> {
  let left = limit;
  for await (const entry of client.lines("listAudit", auditEntry, { query })) {
    terminal.out(`${jsonText(entry)}\n`);
    left -= 1;
    if (left <= 0 || lost.aborted) break;
  }
  return exitCodes.ok;
}

/** `2026-01-31 23:59:59`, in UTC. */
const atOf = ({ at }: AuditEntryShape): string =>
  at.slice(0, 19).replace("T", " ");
