import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { table } from "../terminal/table.js";
import { line, paint } from "../terminal/terminal.js";
import { duration, usd } from "../terminal/words.js";

/** Shows two executions of a run side by side. */
export async function compareExecutions(
  context: CommandContext,
  adwId: string,
  numbers: { readonly a: number; readonly b: number },
): Promise<ExitCode> {
  const { client, terminal } = context;
  const compared = await client.call("compareExecutions", {
    params: { adw_id: adwId, ...numbers },
  });
  if (context.json) {
    writeJson(context, compared);
    return exitCodes.ok;
  }
  const sides = [compared.a, compared.b];
  type Side = (typeof sides)[number];
  const row = (name: string, cell: (side: Side) => string) => [
    name,
    ...sides.map(cell),
  ];
  const rows = [
    row("", ({ number }) => `EXECUTION ${number.toString()}`),
    row("status", ({ status }) => line(status)),
    row("duration", ({ duration_ms: ms }) => (ms === null ? "" : duration(ms))),
    row("tokens", ({ total_tokens: tokens }) => tokens.toString()),
    row("cost", ({ total_cost: cost }) => usd(cost)),
    row("change", ({ diff_size: { files, insertions, deletions } }) =>
      [
        `${files.toString()} files`,
        `+${insertions.toString()}`,
        `-${deletions.toString()}`,
      ].join(" "),
    ),
    row("tests", ({ tests }) =>
      tests === null
        ? "none"
        : `${tests.passed.toString()} passed, ${tests.failed.toString()} failed`,
    ),
    ...compared.phases.map(({ phase, a, b }) => [
      line(phase),
      a ?? "",
      b ?? "",
    ]),
  ];
  const [top = "", ...others] = table(rows, terminal.columns() - 1);
  terminal.out(`${[paint(terminal, "dim", top), ...others].join("\n")}\n`);
  return exitCodes.ok;
}
