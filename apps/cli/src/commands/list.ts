import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { printTable } from "../terminal/print-table.js";
import { line } from "../terminal/terminal.js";
import { elapsed, usd } from "../terminal/words.js";

export interface ListWish {
  readonly status: string | undefined;
  readonly repository: string | undefined;
  readonly workflow: string | undefined;
  readonly issueNumber: number | undefined;
  readonly limit: number | undefined;
}

/** Lists runs, newest first. */
export async function listRuns(
  context: CommandContext,
  { status, repository, workflow, issueNumber, limit }: ListWish,
): Promise<ExitCode> {
  const { client, terminal } = context;
  const page = await client.call("listWorkflows", {
    query: { status, repository, workflow, issue_number: issueNumber, limit },
  });
  if (context.json) {
    writeJson(context, page);
    return exitCodes.ok;
  }
  const head = [
    "RUN",
    "STATUS",
    "ISSUE",
    "WORKFLOW",
    "PHASE",
    "COST",
    "AGE",
    "TITLE",
  ];
  const rows = page.items.map((run) => [
    run.adw_id,
    run.waiting_reason ? `waiting: ${run.waiting_reason}` : run.status,
    run.issue_number === null
      ? line(run.repository)
      : `${line(run.repository)}#${run.issue_number.toString()}`,
    line(run.workflow_type),
    line(run.phase),
    usd(run.spent_usd),
    elapsed(run.created_at, null),
    line(run.title),
  ]);
  printTable(terminal, head, rows);
  const left = page.total - page.items.length;
  if (left > 0) terminal.out(`${left.toString()} more; see --limit\n`);
  return exitCodes.ok;
}
