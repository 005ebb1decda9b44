import { randomUUID } from "node:crypto";
import type { RunShape } from "@pullwright/contracts";
import { ApiRefusal } from "../client/api-error.js";
import { follow } from "../client/follow.js";
import { patiently } from "../client/patience.js";
import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodeOf, exitCodes, type ExitCode } from "../exit-code.js";
import { liveView } from "../terminal/live-view.js";
import { resultOf } from "../terminal/run-view.js";
import type { IssueReference } from "./issue-reference.js";

export interface RunWish {
  readonly workflow: string;
  readonly repository: string | undefined;
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly budgetUsd: number | undefined;
  readonly wait: boolean;
}

const TICK_MS = 1_000;

/** Starts a run on an issue and, unless told otherwise, waits for its end. */
export async function runIssue(
  context: CommandContext,
  { issueNumber, repository }: IssueReference,
  wish: RunWish,
): Promise<ExitCode> {
  const started = await context.client.call("triggerWorkflow", {
    // Sent again after a lost answer, it would still be one run.
    headers: { "idempotency-key": randomUUID() },
    body: {
      issue_number: issueNumber,
      workflow: wish.workflow,
      repository: wish.repository ?? repository,
      agent: wish.agent,
      model: wish.model,
      budget_usd: wish.budgetUsd,
    },
  });
  if (wish.wait) return waitFor(context, started.adw_id);
  if (context.json) writeJson(context, started);
  else context.terminal.out(`${started.adw_id}\n`);
  return exitCodes.ok;
}

/** Shows a run until it has ended; the exit code is its outcome. */
export async function waitFor(
  context: CommandContext,
  adwId: string,
): Promise<ExitCode> {
  const { client, terminal, signal, json } = context;
  const view = json ? undefined : liveView(terminal);
  const ticking = setInterval(() => view?.tick(), TICK_MS);
  const look = () =>
    patiently(client.patienceMs, () =>
      client.call("getWorkflow", { params: { adw_id: adwId } }),
    );
  try {
    let run = await look();
    view?.show(run);
    const news = follow(client, "streamEvents", adwId);
    // What happened is not asked: the run itself says where it stands.
    while ((await news.next()).done !== true) {
      run = await look();
      view?.show(run);
    }
    return finish(context, run);
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 404))
      terminal.err(
        `\nThe run ${adwId} goes on. See it with: pullwright show ${adwId}; end it with: pullwright cancel ${adwId}\n`,
      );
    if (!signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    clearInterval(ticking);
  }
}

function finish(context: CommandContext, run: RunShape): ExitCode {
  if (context.json) writeJson(context, run);
  else {
    const said = resultOf(run, context.terminal).join("\n");
    context.terminal.out(`\n${said}\n`);
  }
  return exitCodeOf(run.status);
}
