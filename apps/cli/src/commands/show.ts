import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { resultOf, runView } from "../terminal/run-view.js";
import { line } from "../terminal/terminal.js";

/** Shows one run: its phases, and why it is where it is. */
export async function showRun(
  context: CommandContext,
  adwId: string,
): Promise<ExitCode> {
  const { client, terminal } = context;
  const params = { adw_id: adwId };
  const [run, why] = await Promise.all([
    client.call("getWorkflow", { params }),
    client.call("getWhy", { params }),
  ]);
  if (context.json) {
    writeJson(context, { ...run, why });
    return exitCodes.ok;
  }
  const facts = [
    `branch     ${line(run.branch_name)} from ${line(run.base_branch)}`,
    `asked by   ${line(run.triggered_by)}, ${run.created_at}`,
    ...(run.execution > 1 ? [`execution  ${run.execution.toString()}`] : []),
    ...(run.agent ? [`agent      ${line(run.agent)} ${line(run.model)}`] : []),
    ...(run.plan_file ? [`plan       ${line(run.plan_file)}`] : []),
    `now        ${line(why.message)}`,
    ...(why.estimated_start ? [`begins     about ${why.estimated_start}`] : []),
  ];
  const said = [
    ...runView(run, terminal),
    "",
    ...facts,
    "",
    ...resultOf(run, terminal),
  ];
  terminal.out(`${said.join("\n")}\n`);
  return exitCodes.ok;
}
