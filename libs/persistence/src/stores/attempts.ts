import type { PhaseResult, PhaseRunState } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import type { AttemptRef, Worker } from "./attempt-ref.js";
import type { Breakers } from "./breakers.js";
import type { Reserved } from "./budgeted-writer.js";
import type { IssueSnapshot } from "./issue-snapshot.js";
import type { RunLoader, RunToClaim } from "./load-run.js";
import type { LogBatch } from "./log-batch.js";
import { RecentRuns, type RecentRun } from "./recent-runs.js";
import type { LoadedRun } from "./run-record.js";
import type {
  Applied,
  RunTransitions,
  TransitionAnswer,
} from "./run-transitions.js";
import { attemptBegunWithEndOf, unheard } from "./unheard-claim.js";

/** Everything the owner of a phase needs to begin. */
export interface ClaimedPhase {
  readonly attempt: AttemptRef;
  readonly run: LoadedRun;
  readonly phase: PhaseRunState;
  readonly workItem: IssueSnapshot;
  readonly prepared: RunToClaim["prepared"];
  readonly announce: Pick<Applied, "doorbells" | "live">;
  /** What it may take of the budgets that runs share; null when none applies. */
  readonly reservation: Reserved | null;
}

/** Who takes a phase, and for how long it is theirs unless they say more. */
export interface Claimer {
  readonly owner: string;
  readonly leaseMs: number;
  /** The agents that may do the work, the next one first; none where no agent works. */
  readonly workersOf?: (
    run: LoadedRun,
    phase: PhaseRunState,
  ) => readonly Worker[];
  /** Whether the claimer knows how to do the phase; what it does not know is left to whoever does. */
  readonly knows?: (phase: PhaseRunState) => boolean;
  /** Told when the run waits now because no money is left for the phase. */
  readonly onUnaffordable?: (answer: Applied) => void;
}

type ClaimRequest = Claimer & {
  readonly phaseRunId: string;
  /** On `performance.now()`: no claim begins after it, since the slot may be another's by then. */
  readonly claimBeforeMs?: number;
};

/** What became of a result; `next` is the phase that was claimed with it. */
export type FinishAnswer =
  | Exclude<TransitionAnswer, Applied>
  | (Applied & { readonly next: ClaimedPhase | null });

type Unaffordable = Extract<TransitionAnswer, { kind: "refused" }>;

export type HeartbeatAnswer =
  | {
      readonly kind: "held";
      readonly cancelRequested: boolean;
      readonly maxUsd: number | null;
      readonly spentUsd: number;
    }
  | { readonly kind: "lost" };

const heartbeat: Statement = {
  name: "heartbeat",
  text: `
  UPDATE phase_runs p SET lease_until = now() + $3::int * interval '1 millisecond'
    FROM workflow_runs r
   WHERE p.id = $1 AND p.fence = $2 AND p.owner = $4 AND p.status = 'running' AND p.lease_until > now() AND r.id = p.workflow_run_id
  RETURNING r.cancel_requested_at IS NOT NULL AS cancel_requested, r.max_usd, r.spent_usd`,
};

/** True for the statement's own snapshot while the attempt holds its phase. */
export const holdsPhase = (phaseRunId: string, fence: string): string =>
  `EXISTS (SELECT 1 FROM phase_runs p WHERE p.id = ${phaseRunId} AND p.fence = ${fence} AND p.status = 'running' AND p.lease_until > now())`;

const prepare: Statement = {
  name: "attempt_prepare",
  text: `
  UPDATE attempts a SET status = 'prepared', prepared_sha = $4, prepared_result = $5
   WHERE a.id = $1 AND a.status <> 'ended' AND ${holdsPhase("$2", "$3")}
  RETURNING id`,
};

const release: Statement = {
  name: "attempt_release",
  text: `
  UPDATE phase_runs SET lease_until = now()
   WHERE id = $1 AND fence = $2 AND owner = $3 AND status = 'running'
  RETURNING id`,
};

/** The life of an attempt as its owner drives it; every write is refused once the fence has moved on. */
export class Attempts {
  readonly #recent = new RecentRuns();

  constructor(
    private readonly database: Database,
    private readonly transitions: RunTransitions,
    private readonly loader: RunLoader,
    private readonly breakers: Breakers,
  ) {}

  /** Takes a queued phase; null when there is nothing to take, which is no error. */
  async claim(request: ClaimRequest): Promise<ClaimedPhase | null> {
    const claimed = await this.#claim(request);
    if (claimed.kind === "claimed") return claimed.phase;
    if (claimed.kind === "nothing") return null;
    const worker = await this.#otherWorker(request, claimed.run);
    if (worker === null) return null;
    const again = await this.#claim({ ...request, workersOf: () => [worker] });
    return again.kind === "claimed" ? again.phase : null;
  }

  async #claim(
    request: ClaimRequest,
  ): Promise<
    | { readonly kind: "claimed"; readonly phase: ClaimedPhase }
    | { readonly kind: "nothing" }
    | { readonly kind: "rests"; readonly run: LoadedRun }
  > {
    const { phaseRunId, owner, claimBeforeMs = Infinity } = request;
    const recent = this.#recent.recall(phaseRunId);
    let found = null as RunToClaim | null; // The compiler does not see that `load` sets it.
    let worker: Worker | undefined;
    const load = async () => {
      found = await this.loader.toClaim(phaseRunId);
      return found?.run ?? null;
    };
    const answer = await this.transitions.applyTo(load, {
      event: (run) => {
        if (performance.now() > claimBeforeMs) return null;
        const phase = phaseOf(run, phaseRunId);
        return phase === undefined || request.knows?.(phase) === false
          ? null
          : { type: "phase_claimed", position: phase.position };
      },
      by: { actor: owner },
      known: recent?.run,
      claim: (run) => {
        const phase = phaseOf(run, phaseRunId);
        worker = phase && request.workersOf?.(run, phase)[0];
        return claimOf(request, worker, phaseRunId);
      },
    });
    if (answer.kind === "refused" && answer.reason === "credential_rests")
      return { kind: "rests", run: answer.run };
    if (answer.kind === "refused" && answer.reason === "budget_spent")
      await this.#park(answer, request);
    if (answer.kind !== "applied") return { kind: "nothing" };
    const { workItem, prepared } = found ?? { prepared: null, ...recent };
    if (workItem === undefined)
      throw new Error(`the run of phase ${phaseRunId} was not read`);
    return {
      kind: "claimed",
      phase: this.#claimed(answer, { owner, worker, workItem, prepared }),
    };
  }

  /** The first agent that may be asked although the next one may not; one may be there to try if its quota is back. */
  async #otherWorker(
    { phaseRunId, workersOf }: ClaimRequest,
    run: LoadedRun,
  ): Promise<Worker | null> {
    const phase = phaseOf(run, phaseRunId);
    const workers = phase === undefined ? [] : (workersOf?.(run, phase) ?? []);
    const resting = await this.breakers.among(
      workers.flatMap(({ credential }) => credential ?? []),
    );
    for (const worker of workers) {
      const breaker = resting.find(
        ({ credential }) => credential === worker.credential,
      );
      if (breaker === undefined) return worker;
      if (
        breaker.mayTry &&
        (await this.breakers.take(breaker.credential, phaseRunId))
      )
        return { ...worker, tries: true };
    }
    return null;
  }

  /** The phase waits with its run, unless the run has moved on meanwhile. */
  async #park(
    { run, message, budgetId }: Unaffordable,
    { phaseRunId, owner, onUnaffordable }: Claimer & { phaseRunId: string },
  ): Promise<void> {
    const answer = await this.transitions.apply(run.id, {
      event: ({ phaseRows }) => {
        const row = phaseRows.find(({ id }) => id === phaseRunId);
        return row === undefined
          ? null
          : {
              type: "phase_unaffordable",
              position: row.position,
              message,
              budgetId: budgetId ?? null,
            };
      },
      by: { actor: owner },
    });
    if (answer.kind === "applied") onUnaffordable?.(answer);
  }

  /** What the owner of the phase that this transition has begun needs. */
  #claimed(
    answer: Applied,
    {
      owner,
      worker,
      workItem,
      prepared,
    }: Pick<ClaimedPhase, "workItem" | "prepared"> & {
      readonly owner: string;
      readonly worker: Worker | undefined;
    },
  ): ClaimedPhase {
    const { run, saved } = answer;
    const stored = saved.phases.find(({ status }) => status === "running");
    const phase = run.state.phases.find(
      ({ position }) => position === stored?.position,
    );
    const { attemptId } = saved;
    if (stored === undefined || phase === undefined || attemptId === null)
      throw new Error(`the claim by ${owner} left no attempt`);
    this.#recent.remember(attemptId, { run, workItem });
    return {
      attempt: {
        attemptId,
        runId: run.id,
        phaseRunId: stored.id,
        position: phase.position,
        fence: phase.fence,
        owner,
        ...(worker === undefined ? {} : { worker }),
        ...(answer.reservation === null ? {} : { isNoted: true }),
      },
      run,
      phase,
      workItem,
      prepared,
      announce: answer,
      reservation: answer.reservation,
    };
  }

  async heartbeat(
    attempt: AttemptRef,
    leaseMs: number,
  ): Promise<HeartbeatAnswer> {
    const [row] = await this.database.query<{
      cancel_requested: boolean;
      max_usd: string | null;
      spent_usd: string;
    }>(heartbeat, [attempt.phaseRunId, attempt.fence, leaseMs, attempt.owner]);
    if (row === undefined) return { kind: "lost" };
    return {
      kind: "held",
      cancelRequested: row.cancel_requested,
      maxUsd: row.max_usd === null ? null : Number(row.max_usd),
      spentUsd: Number(row.spent_usd),
    };
  }

  /** Stores outcome and commit before the push, so that whoever finds the commit on the remote can adopt it. */
  async prepare(
    attempt: AttemptRef,
    sha: string,
    result: PhaseResult,
  ): Promise<boolean> {
    const rows = await this.database.query(prepare, [
      attempt.attemptId,
      attempt.phaseRunId,
      attempt.fence,
      sha,
      result,
    ]);
    return rows.length === 1;
  }

  /**
   * Records the result with the transition it causes and the attempt's last log lines, in one commit; refused when the
   * fence has moved on, and then the lines are dropped as well. Given a claimer, the next phase of the run is theirs in the
   * same commit when it may begin at once.
   */
  async finish(
    attempt: AttemptRef,
    result: PhaseResult,
    extras: { readonly pushedSha?: string } = {},
    lastLines?: LogBatch,
    next?: Claimer & { readonly workItem: IssueSnapshot },
  ): Promise<FinishAnswer> {
    const recent = this.#recent.recall(attempt.attemptId);
    let worker: Worker | undefined;
    const answer = await this.transitions.apply(attempt.runId, {
      event: {
        type: "phase_finished",
        position: attempt.position,
        fence: attempt.fence,
        result,
      },
      by: { actor: attempt.owner },
      extras,
      isNoted: attempt.isNoted ?? false,
      credential: attempt.worker?.credential ?? null,
      known: recent?.run,
      ...(next === undefined
        ? {}
        : {
            claimNext: (run, phase) => {
              worker = next.workersOf?.(run, phase)[0];
              return claimOf(next, worker, null);
            },
          }),
      ...(lastLines === undefined || lastLines.lines.length === 0
        ? {}
        : { lines: lastLines }),
    });
    if (answer.kind !== "applied") return answer;
    const workItem = next?.workItem ?? recent?.workItem;
    if (workItem !== undefined) this.#expectClaims(answer, workItem);
    // Nobody began the next phase before, so nothing of it can be prepared.
    const claimed =
      next === undefined || answer.saved.attemptId === null
        ? null
        : this.#claimed(answer, {
            owner: next.owner,
            worker,
            workItem: next.workItem,
            prepared: null,
          });
    return { ...answer, next: claimed };
  }

  /**
   * Gives back the phase that {@link finish} has claimed along with the attempt's end, for whoever never got the answer; null
   * where none was. Nobody works on it, and others would wait until its lease ends.
   */
  async giveBackUnheard(attempt: AttemptRef): Promise<FinishAnswer | null> {
    const begun = await attemptBegunWithEndOf(this.database, attempt);
    return begun === null ? null : this.finish(begun, unheard);
  }

  /** Remembers the run for the claims of the phases that this transition has queued. */
  #expectClaims(
    { run, saved }: Applied,
    workItem: RecentRun["workItem"],
  ): void {
    for (const { id, status, fence } of saved.phases) {
      // Never claimed before, so nothing of it can be prepared.
      if (status === "queued" && fence === 0)
        this.#recent.remember(id, { run, workItem });
    }
  }

  /** Gives the phase back at once, so that nobody has to wait for the lease to expire. */
  async release(attempt: AttemptRef): Promise<void> {
    await this.database.query(release, [
      attempt.phaseRunId,
      attempt.fence,
      attempt.owner,
    ]);
  }
}

function claimOf(
  { owner, leaseMs }: Claimer,
  worker: Worker | undefined,
  phaseRunId: string | null,
) {
  return {
    owner,
    leaseMs,
    agent: worker?.agent ?? null,
    model: worker?.model ?? null,
    credential: worker?.credential ?? null,
    triesAs: worker?.tries === true ? phaseRunId : null,
  };
}

function phaseOf(
  { phaseRows, state }: LoadedRun,
  phaseRunId: string,
): PhaseRunState | undefined {
  const row = phaseRows.find(({ id }) => id === phaseRunId);
  return state.phases.find(({ position }) => position === row?.position);
}
