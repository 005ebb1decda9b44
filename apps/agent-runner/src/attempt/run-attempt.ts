import { isDeepStrictEqual } from "node:util";
import type { Amount, PhaseResult, Reservation } from "@pullwright/domain";
import type {
  ClaimedPhase,
  Claimer,
  FinishAnswer,
} from "@pullwright/persistence";
import { codeOf, messageOf, reach, type Logger } from "@pullwright/platform";
import { finishAdopted } from "../phases/finish-adopted.js";
import { phaseWork } from "../phases/phase-work.js";
import {
  AttemptLost,
  type PhaseContext,
  type PhaseOutcome,
  type RunnerParts,
  timeLimitOf,
} from "../phases/phase-context.js";
import { afterStop, afterSurprise } from "./after-stop.js";
import { AttemptStopped, stopReason } from "./attempt-end.js";
import { beatOnce, keepLease, type Keeping } from "./keep-lease.js";
import { Lease, type LeaseTimes } from "./lease.js";
import { Purse } from "./purse.js";
import { recordResult } from "./record-result.js";
import { LogWriter, type LogSink } from "./log-writer.js";

/** What a runner may have an attempt do while it works. */
export interface RunningAttempt {
  readonly stop: AbortController;
  /** Asks at once what the next heartbeat would: whether a cancel was requested. */
  readonly ask: () => Promise<void>;
}

export interface AttemptOptions {
  readonly parts: RunnerParts;
  readonly lease: LeaseTimes;
  /** Who takes the run's next phase along with this one's result; null when nobody may. */
  readonly claimer: () => Promise<Claimer | null>;
  readonly publish: LogSink["publish"];
  readonly logger: Logger;
  /** Makes the attempt known while it works; answers how to end that. */
  readonly register: (runId: string, attempt: RunningAttempt) => () => void;
}

/** Works on a claimed phase until its result is recorded; what the transition left to announce, or null when lost. */
export async function runAttempt(
  claimed: ClaimedPhase,
  options: AttemptOptions,
): Promise<FinishAnswer | null> {
  const { attempt, run, phase } = claimed;
  const { parts } = options;
  const logger = options.logger.child({
    adw_id: run.adwId,
    phase: phase.definition.name,
    attempt: attempt.attemptId,
  });
  const lease = new Lease(options.lease);
  const stop = new AbortController();
  lease.lost.addEventListener("abort", () => {
    stop.abort(new AttemptStopped("lost"));
  });
  stop.signal.addEventListener("abort", () => reach("runner.stop-heard"));
  const over = new AbortController();
  const log = new LogWriter(
    {
      append: (lines) =>
        parts.stores.logs.append(
          { ...attempt, adwId: run.adwId, phase: phase.definition.name },
          lines,
        ),
      publish: options.publish,
    },
    parts.secrets,
    logger,
    stop.signal,
  );
  const purse = purseOf(claimed, options, logger);
  const attemptDir = parts.folders.folderOf(attempt.attemptId);
  const keeping: Keeping = {
    attempt,
    lease,
    beat: (ref, leaseMs) => parts.stores.attempts.heartbeat(ref, leaseMs),
    onBeat: (answer) => {
      if (answer.cancelRequested) stop.abort(new AttemptStopped("cancelled"));
      purse.hear(answer);
      void purse.note();
    },
    logger,
  };
  const heartbeats = keepLease(keeping, over.signal);
  const unregister = options.register(run.id, {
    stop,
    ask: () => beatOnce(keeping),
  });
  try {
    const context: PhaseContext = {
      claimed,
      parts,
      log,
      lease,
      stop,
      purse,
      timeLimit: timeLimitOf(claimed, parts.limits),
      attemptDir,
    };
    const outcome = await work(context, logger);
    await log.add(
      outcome.result.outcome === "failed" ? "ERROR" : "INFO",
      closing(claimed, outcome.result),
    );
    const lastLines = await log.takeLast();
    reach("runner.done-not-recorded");
    const noted = { ...attempt, isNoted: purse.isNoted };
    return await recordResult(
      { ...claimed, attempt: noted },
      { ...outcome, lastLines },
      { ...options, attempts: parts.stores.attempts, lease, logger },
    );
  } catch (error) {
    if (!(error instanceof AttemptLost)) throw error;
    logger.warn("the attempt was lost; what it did is discarded");
    return null;
  } finally {
    over.abort("The work is over."); // Without a reason, each would be made an error with a stack.
    unregister();
    await heartbeats;
    await parts.folders.remove(attempt.attemptId).catch((error: unknown) => {
      logger.warn(
        { reason: messageOf(error) },
        "the attempt's folder could not be removed",
      );
    });
  }
}

const amountOf = (answer: Reservation): Amount | undefined =>
  answer.kind === "reserved" ? answer.amount : undefined;

/** Its money, with the newest limits whenever it matters. */
function purseOf(
  claimed: ClaimedPhase,
  { parts, lease }: AttemptOptions,
  logger: Logger,
): Purse {
  const { attempt, run, phase } = claimed;
  const { attempts, reservations } = parts.stores;
  const place = {
    run,
    execution: run.state.execution,
    phase: phase.definition.name,
    agent: attempt.worker?.agent ?? null,
  };
  // While Postgres is away what is known counts; whether the attempt may go on is the lease's to say.
  const unanswered = (error: unknown) => {
    logger.warn({ reason: messageOf(error) }, "the budget was not heard");
    return null;
  };
  const { reservation } = claimed;
  let held = reservation?.amount;
  if (reservation !== null)
    logger.info({ ...reservation }, "budgets: reserved");
  /** Every decision with its sums, but not each note that changes nothing. */
  const tell = (answer: Reservation, taken: Amount) => {
    if (reservation === null || isDeepStrictEqual(held, amountOf(answer)))
      return;
    held = amountOf(answer);
    logger.info({ taken, ...answer }, `budgets: ${answer.kind}`);
  };
  return new Purse({
    claimed,
    ask: () =>
      attempts
        .heartbeat(attempt, lease.timeoutMs)
        .then((answer) => (answer.kind === "held" ? answer : null), unanswered),
    note: async (taken) => {
      try {
        const answer = await reservations.spend(attempt, place, taken);
        reach("runner.spending-noted");
        if (answer !== null) tell(answer, taken);
        return answer;
      } catch (error) {
        return unanswered(error);
      }
    },
  });
}

/** The phase's work as a value: whatever is thrown has a failure class. */
async function work(
  context: PhaseContext,
  logger: Logger,
): Promise<PhaseOutcome> {
  const { lease, stop } = context;
  try {
    const adopted = await adoptPrepared(context);
    const outcome =
      adopted === null
        ? await phaseWork(context)
        : await finishAdopted(context, adopted);
    return {
      ...outcome,
      result: afterStop(outcome.result, context),
    };
  } catch (error) {
    if (error instanceof AttemptLost || lease.lost.aborted)
      throw new AttemptLost();
    const stopped = stopReason(stop.signal);
    if (stopped === null)
      logger.warn({ err: error, code: codeOf(error) }, "the phase failed");
    return { result: afterSurprise(error, context) };
  }
}

/** A lost attempt may have pushed its commit before it died: then its result is ours. */
async function adoptPrepared(
  context: PhaseContext,
): Promise<PhaseOutcome | null> {
  const { claimed, parts, log } = context;
  const { prepared, run } = claimed;
  if (prepared === null) return null;
  const tip = await parts.workspaces.remoteTip({
    repository: parts.git.repositoryOf(run.repository),
    credentials: parts.git.credentialsFor(run.repository, "read"),
    branch: run.branch,
    signal: context.stop.signal,
  });
  if (tip !== prepared.sha) return null;
  await log.add(
    "INFO",
    `adopted ${prepared.sha.slice(0, 12)}, which the attempt before had pushed`,
  );
  return { result: prepared.result, pushedSha: prepared.sha };
}

function closing(claimed: ClaimedPhase, result: PhaseResult): string {
  const name = `${claimed.phase.definition.name}${claimed.phase.round > 1 ? ` (round ${claimed.phase.round})` : ""}`;
  return result.outcome === "failed"
    ? `${name} failed (${result.failureClass}): ${result.message}`
    : `${name}: ${result.outcome}`;
}
