import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { printTable } from "../terminal/print-table.js";
import { line } from "../terminal/terminal.js";
import { elapsed } from "../terminal/words.js";

export interface DeliveryWish {
  readonly verdict: string | undefined;
  readonly repository: string | undefined;
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** Lists what came in from GitHub with its verdict and why, newest first. */
export async function listDeliveries(
  context: CommandContext,
  { verdict, repository, limit, cursor }: DeliveryWish,
): Promise<ExitCode> {
  const { client, terminal } = context;
  const page = await client.call("listDeliveries", {
    query: { verdict, repository, limit, cursor },
  });
  if (context.json) {
    writeJson(context, page);
    return exitCodes.ok;
  }
  const head = ["AGE", "BY", "EVENT", "REPOSITORY", "VERDICT", "RUN", "REASON"];
  const rows = page.items.map((delivery) => [
    elapsed(delivery.received_at, null),
    delivery.source,
    line([delivery.event, delivery.action].filter(Boolean).join(".")),
    line(delivery.repository),
    delivery.verdict ?? "open",
    delivery.adw_id ?? "",
    line(delivery.reason),
  ]);
  printTable(terminal, head, rows);
  if (page.next_cursor !== null)
    terminal.out(`more: --cursor ${line(page.next_cursor)}\n`);
  return exitCodes.ok;
}
