import { defaultWorkflow, runStatuses } from "@pullwright/domain";
import { Command as Program, Option } from "commander";
import {
  adwId,
  amount,
  issue,
  wholeNumber,
  type JsonOption,
} from "./command-arguments.js";
import type { Choose } from "./command-context.js";
import { compareExecutions } from "./commands/compare.js";
import { cancelRun, continueRun, retryRun } from "./commands/command-run.js";
import { listRuns } from "./commands/list.js";
import { printLogs } from "./commands/logs.js";
import { runIssue } from "./commands/run.js";
import { showRun } from "./commands/show.js";
import { describeKeys } from "./describe-keys.js";
import { describeReports } from "./describe-reports.js";

const foot = `
Environment:
  PULLWRIGHT_URL      where the API is (default: http://127.0.0.1:8000)
  PULLWRIGHT_API_KEY  its key (default: the one in .pullwright/api-key)

Exit codes:
  0 done, or the run is completed   1 the run failed       2 wrong command line
  3 the run was cancelled           4 the API is away      5 the API refused
  6 done, but what there was to print could not be written`;

/** The command line: every command, what it takes and what it says of itself. */
export function describeProgram(choose: Choose): Program {
  const program = new Program("pullwright")
    .description("Turns GitHub issues into tested pull requests.")
    .addHelpText("after", foot)
    .showHelpAfterError("(add --help for more)");
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option("--json", "print JSON for scripts");
  const aRun = (usage: string, description: string) =>
    command(usage, description).argument(
      "<adw_id>",
      "the run, such as k7m2x9qd",
      adwId,
    );

  command("run", "start a run on an issue and wait for its end")
    .argument("<issue>", "12, owner/name#12 or the issue's address", issue)
    .option("--workflow <name>", "what to do", defaultWorkflow)
    .option("--repo <owner/name>", "where, when several are registered")
    .option("--agent <name>", "who does it")
    .option("--model <name>", "with which model")
    .option("--budget <dollars>", "pause once it has cost this much", amount)
    .option("--no-wait", "print the run's id and do not wait")
    .action((of: ReturnType<typeof issue>, options: RunOptions) =>
      choose((context) => {
        const { workflow, repo, agent, model, budget, wait } = options;
        const wish = { workflow, repository: repo, agent, model, wait };
        return runIssue(context, of, { ...wish, budgetUsd: budget });
      }, options.json === true),
    );

  command("list", "list runs, newest first")
    .addOption(
      new Option("--status <status>", "only these").choices(runStatuses),
    )
    .option("--repo <owner/name>", "only of this repository")
    .option("--workflow <name>", "only of this workflow")
    .option("--issue <number>", "only of this issue", wholeNumber)
    .option("--limit <count>", "at most so many", wholeNumber, 20)
    .action((options: ListOptions) =>
      choose((context) => {
        const { status, repo, workflow, limit } = options;
        const wish = { status, repository: repo, workflow, limit };
        return listRuns(context, { ...wish, issueNumber: options.issue });
      }, options.json === true),
    );

  aRun("show", "show a run and why it is where it is").action(
    (id: string, options: JsonOption) =>
      choose((context) => showRun(context, id), options.json === true),
  );

  aRun("logs", "print a run's log")
    .option("-f, --follow", "go on until the run has ended", false)
    .option("--after <line>", "only what follows this line", wholeNumber, 0)
    .option("--phase <name>", "only of this phase")
    .addOption(
      new Option("--level <level>", "this one and the more serious").choices([
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
      ]),
    )
    .action((id: string, options: LogOptions) =>
      choose(
        (context) =>
          printLogs(context, id, {
            follow: options.follow,
            after: options.after,
            phase: options.phase,
            level: options.level,
          }),
        options.json === true,
      ),
    );

  aRun("retry", "retry an ended run")
    .option("--phase <name>", "from this phase on (default: the whole run)")
    .option("--note <text>", "a hint to the agent")
    .option("--agent <name>", "another agent")
    .option("--model <name>", "another model")
    .option("--wait", "wait for the end", false)
    .action((id: string, options: RetryOptions) =>
      choose((context) => {
        const { phase, note, agent, model, wait } = options;
        return retryRun(context, id, { phase, note, agent, model, wait });
      }, options.json === true),
    );

  aRun("compare", "show two executions of a run side by side")
    .argument("<a>", "the number of one", wholeNumber)
    .argument("<b>", "the number of the other", wholeNumber)
    .action((id: string, a: number, b: number, options: JsonOption) =>
      choose(
        (context) => compareExecutions(context, id, { a, b }),
        options.json === true,
      ),
    );

  aRun("cancel", "cancel a run")
    .option("--reason <text>", "why")
    .action((id: string, options: JsonOption & { reason?: string }) =>
      choose(
        (context) => cancelRun(context, id, options.reason),
        options.json === true,
      ),
    );

  aRun("continue", "let a waiting run go on")
    .option("--add-usd <dollars>", "add to its budget", amount)
    .action((id: string, options: JsonOption & { addUsd?: number }) =>
      choose(
        (context) => continueRun(context, id, options.addUsd),
        options.json === true,
      ),
    );

  describeReports(command, choose);
  describeKeys(command, choose);

  command("doctor", "check this machine and its configuration").action(
    (options: JsonOption) =>
      choose(async (context) => {
        // It alone needs what the services are made of, which takes longer to load than all the rest.
        const { doctor } = await import("./doctor/doctor.js");
        return doctor(context);
      }, options.json === true),
  );
  return program;
}

interface RunOptions extends JsonOption {
  readonly workflow: string;
  readonly repo?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly budget?: number;
  readonly wait: boolean;
}

interface ListOptions extends JsonOption {
  readonly status?: string;
  readonly repo?: string;
  readonly workflow?: string;
  readonly issue?: number;
  readonly limit?: number;
}

interface LogOptions extends JsonOption {
  readonly follow: boolean;
  readonly after: number;
  readonly phase?: string;
  readonly level?: string;
}

interface RetryOptions extends JsonOption {
  readonly phase?: string;
  readonly note?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly wait: boolean;
}
