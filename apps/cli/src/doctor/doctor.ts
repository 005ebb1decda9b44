import {
  ConfigurationError,
  loadConfig,
  messageOf,
} from "@pullwright/platform";
import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import {
  line,
  paint,
  type Colour,
  type Terminal,
} from "../terminal/terminal.js";
import { checkAgents } from "./agents.js";
import { fail, type Check, type CheckContext, type Finding } from "./check.js";
import { checkGitHub } from "./github.js";
import { checkGit, checkNode } from "./programs.js";
import { checkSandbox } from "./sandbox.js";
import { checkApi, checkWebhook } from "./services.js";
import { checkPostgres, checkQueue } from "./storage.js";

const checks: Readonly<Record<string, Check>> = {
  node: checkNode,
  git: checkGit,
  postgres: checkPostgres,
  queue: checkQueue,
  sandbox: checkSandbox,
  agents: checkAgents,
  github: checkGitHub,
  webhook: checkWebhook,
  api: checkApi,
};

/** Looks at everything that a run needs and says how to mend what is missing; no server has to run for it. */
export async function doctor(context: CommandContext): Promise<ExitCode> {
  const findings = await examine(context);
  if (context.json) writeJson(context, findings);
  else for (const finding of findings) print(context.terminal, finding);
  const isWell = findings.every(({ status }) => status !== "fail");
  return isWell ? exitCodes.ok : exitCodes.failed;
}

async function examine(context: CommandContext): Promise<Finding[]> {
  let checked: CheckContext;
  try {
    checked = { config: loadConfig(context.environment), cli: context.config };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.faults.map(({ key, problem }) =>
      fail(key, problem, "See docs/configuration.md."),
    );
  }
  const found = await Promise.all(
    Object.entries(checks).map(([name, check]) =>
      check(checked).catch((error: unknown) => [
        fail(name, messageOf(error), "This check itself failed."),
      ]),
    ),
  );
  return found.flat();
}

const looks: Readonly<Record<Finding["status"], readonly [string, Colour]>> = {
  ok: ["ok  ", "green"],
  warn: ["warn", "yellow"],
  fail: ["fail", "red"],
};

function print(
  terminal: Terminal,
  { status, check, detail, mend }: Finding,
): void {
  const [word, colour] = looks[status];
  terminal.out(
    `${paint(terminal, colour, word)}  ${line(check)}: ${line(detail)}\n`,
  );
  if (mend !== undefined) terminal.out(`      ${line(mend)}\n`);
}
