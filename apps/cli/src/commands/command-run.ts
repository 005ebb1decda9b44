import type { Commanded } from "@pullwright/contracts";
import { randomUUID } from "node:crypto";
import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { waitFor } from "./run.js";

export interface RetryWish {
  readonly phase: string | undefined;
  readonly note: string | undefined;
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly wait: boolean;
}

const once = () => ({ "idempotency-key": randomUUID() });

/** Opens the next execution of an ended run. */
export async function retryRun(
  context: CommandContext,
  adwId: string,
  { wait, ...body }: RetryWish,
): Promise<ExitCode> {
  const answer = await context.client.call("retryWorkflow", {
    params: { adw_id: adwId },
    headers: once(),
    body,
  });
  return wait ? waitFor(context, adwId) : tell(context, answer);
}

/** Cancels a run; one that has ended stays as it is. */
export async function cancelRun(
  context: CommandContext,
  adwId: string,
  reason: string | undefined,
): Promise<ExitCode> {
  const answer = await context.client.call("cancelWorkflow", {
    params: { adw_id: adwId },
    headers: once(),
    body: { reason },
  });
  return tell(context, answer);
}

/** Ends a wait. */
export async function continueRun(
  context: CommandContext,
  adwId: string,
  addUsd: number | undefined,
): Promise<ExitCode> {
  const answer = await context.client.call("continueWorkflow", {
    params: { adw_id: adwId },
    headers: once(),
    body: { add_usd: addUsd },
  });
  return tell(context, answer);
}

function tell(context: CommandContext, answer: Commanded): ExitCode {
  if (context.json) writeJson(context, answer);
  else {
    const { adw_id, status, cancel_requested } = answer;
    const more =
      cancel_requested && status !== "cancelled"
        ? ", and ends as soon as its agent is gone"
        : "";
    context.terminal.out(`${adw_id} is ${status}${more}\n`);
  }
  return exitCodes.ok;
}
