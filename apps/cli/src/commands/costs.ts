import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { printTable } from "../terminal/print-table.js";
import { line } from "../terminal/terminal.js";
import { usd } from "../terminal/words.js";

export interface CostWish {
  readonly groupBy: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly repository: string | undefined;
  readonly limit: number | undefined;
}

/** Shows what runs cost: the dearest first, days from the latest on. */
export async function showCosts(
  context: CommandContext,
  { groupBy, from, to, repository, limit }: CostWish,
): Promise<ExitCode> {
  const { client, terminal } = context;
  const costs = await client.call("getCosts", {
    query: { group_by: groupBy, from, to, repository, limit },
  });
  if (context.json) {
    writeJson(context, costs);
    return exitCodes.ok;
  }
  const isByPullRequest = costs.group_by === "pull_request";
  const head = [
    "COST",
    "TOKENS",
    "ATTEMPTS",
    "RUNNING",
    ...(isByPullRequest ? ["MERGED"] : []),
    costs.group_by.replace("_", " ").toUpperCase(),
  ];
  const rows = costs.items.map((sum) => [
    usd(sum.cost_usd),
    sum.tokens.toString(),
    sum.attempts.toString(),
    sum.running.toString(),
    ...(isByPullRequest ? [sum.merged_at?.slice(0, 10) ?? ""] : []),
    line(sum.key),
  ]);
  printTable(terminal, head, rows);
  // The API does not count what it left out.
  if (costs.items.length === limit)
    terminal.out("there may be more; see --limit\n");
  return exitCodes.ok;
}
