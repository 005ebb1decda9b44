import type { LimitKind } from "@pullwright/domain";
import type { PoolClient } from "pg";
import type { Database, Statement } from "../database.js";
import {
  addOrder,
  isAdmitted,
  maxConcurrent,
  rankedOrder,
  type DispatchRules,
} from "./dispatch-order.js";
import { queuedByWhy, type QueuedPhases } from "./dispatch-waits.js";
import { StatementBuilder } from "./statement-builder.js";

/** A phase that was given to whoever asked. */
export interface Admission {
  readonly phaseRunId: string;
  /** Its fence before the claim; null where it was not looked at. */
  readonly fence: number | null;
  /** On `performance.now()`: a claim that begins later may find the slot given to another. */
  readonly claimBeforeMs: number;
}

/** Where a phase stands that waits for its turn. */
export interface Standing {
  /** 1: the next one. */
  readonly position: number;
  readonly heldBy: LimitKind | null;
  /** What the limit is about; null for the installation's. */
  readonly heldName: string | null;
  /** How many phases run at once now, of all repositories. */
  readonly running: number;
  /** The median of how long the phases of the latest runs took; null when none has ended. */
  readonly medianMs: number | null;
}

/** A claim is two statements, each of which Postgres ends after ten seconds; the slot is kept for longer than both. */
const CLAIM_WITHIN_MS = 10_000;
const ADMITTED_MS = 3 * CLAIM_WITHIN_MS;
/** The runs that tell how long phases take. */
const RECENT_RUNS = 50;
/** More pickers than this do not ask within the same few milliseconds. */
const CANDIDATES = 64;
const CANDIDATES_A_REPOSITORY = 8;
/** Names the lock under which phases are given while some limit holds; any number that nobody else uses. */
const DISPATCH_LOCK = 7_355_001;

/** A repository's new limit is heeded within this time. */
const LIMITS_KNOWN_FOR_MS = 5_000;
/** Who waits no longer than this is about to be begun by somebody with a free slot. */
const PASSING_SECONDS = 1;

/** How many phases wait, up to a number; nearly always none or a few, out of a small index. */
const waiting = (seconds: number): string => `
  (SELECT count(*)::int FROM (SELECT 1 FROM phase_runs
     WHERE status = 'queued' AND available_at <= now() - ${seconds.toString()} * interval '1 second' LIMIT $1) AS w) AS count`;

/** With the limit of the rung phase's own repository, which may have been idle until now: three rows by their keys, 0.03 ms. */
const waitingNow: Statement = {
  name: "dispatch_waiting_now",
  text: `
  SELECT ${waiting(0)},
         EXISTS (SELECT 1 FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id JOIN repositories repo ON repo.id = r.repository_id
                  WHERE p.id = $2 AND ${maxConcurrent} IS NOT NULL) AS is_limited`,
};

const waitingLong: Statement = {
  name: "dispatch_waiting_long",
  text: `SELECT ${waiting(PASSING_SECONDS)}`,
};

interface GivenRow {
  readonly id: string | null;
  readonly fence: number | null;
  readonly is_limited: boolean | null;
}

/**
 * Who begins next. A doorbell only says that there is work: a runner with a free slot asks here, and claims what it is given.
 *
 * Without a limit the phase is picked by one statement that steps over rows which others pick at the same moment. Only where
 * a limit is set are pickers put in a row, so that it holds with any number of runners.
 */
export class Dispatch {
  #isLimited = false;
  #limitsKnownAtMs = -Infinity;

  constructor(private readonly database: Database) {}

  /**
   * Gives the fairest phase that may begin now; null when there is none.
   *
   * Where the asker has a free slot for every phase that waits, it is nobody's turn: the one that was rung is given without
   * putting all in order. Who asks without a ring gets whatever waits: the ring of that one may be gone, answered by somebody
   * who was given another phase and came too late for it.
   */
  async next(
    rules: DispatchRules,
    asked: {
      readonly rungPhaseRunId: string | null;
      readonly freeSlots: number;
    } = { rungPhaseRunId: null, freeSlots: 0 },
  ): Promise<Admission | null> {
    const askedAtMs = performance.now();
    const { rungPhaseRunId, freeSlots } = asked;
    const isFree =
      askedAtMs - this.#limitsKnownAtMs < LIMITS_KNOWN_FOR_MS &&
      !this.isLimitedBy(rules);
    if (isFree) {
      const [row] = await this.database.query<{
        count: number;
        is_limited: boolean;
      }>(waitingNow, [freeSlots + 1, rungPhaseRunId]);
      if (row === undefined || row.count === 0) return null;
      if (rungPhaseRunId !== null && row.count <= freeSlots && !row.is_limited)
        return {
          phaseRunId: rungPhaseRunId,
          fence: null,
          claimBeforeMs: askedAtMs + CLAIM_WITHIN_MS,
        };
    }
    const given = this.isLimitedBy(rules)
      ? await this.#nextInTurn(rules)
      : ((await this.#nextAtOnce(rules)) ?? (await this.#nextInTurn(rules)));
    this.#isLimited = given.is_limited === true;
    this.#limitsKnownAtMs = askedAtMs;
    const { id: phaseRunId, fence } = given;
    return phaseRunId === null || fence === null
      ? null
      : { phaseRunId, fence, claimBeforeMs: askedAtMs + CLAIM_WITHIN_MS };
  }

  /** Whether some limit counts the slots, as far as this process has seen. */
  isLimitedBy({ maxPhases, maxPerAgent }: DispatchRules): boolean {
    return maxPhases !== null || maxPerAgent !== null || this.#isLimited;
  }

  /** A phase that may begin now, for a ring; it is given to nobody by this. */
  async ready(
    rules: DispatchRules,
  ): Promise<{ readonly phaseRunId: string; readonly fence: number } | null> {
    const builder = new StatementBuilder("dispatch_ready");
    addOrder(builder, rules);
    builder.column(
      `(SELECT json_build_object('phaseRunId', p.id, 'fence', p.fence) FROM ranked JOIN phase_runs p USING (id) WHERE ranked.held_by IS NULL LIMIT 1) AS ready`,
    );
    const { statement, values } = builder.build();
    const [row] = await this.database.query<{
      ready: { readonly phaseRunId: string; readonly fence: number } | null;
    }>(statement, values);
    return row?.ready ?? null;
  }

  /** Null when a repository's limit asks for more care. */
  async #nextAtOnce(rules: DispatchRules): Promise<GivenRow | null> {
    const { statement, values } = toNext(rules, false);
    const [row] = await this.database.query<GivenRow>(statement, values);
    return row === undefined || row.is_limited === true ? null : row;
  }

  #nextInTurn(rules: DispatchRules): Promise<GivenRow> {
    const { statement, values } = toNext(rules, true);
    return this.database.transaction(async (client: PoolClient) => {
      await client.query("SELECT pg_advisory_xact_lock($1)", [DISPATCH_LOCK]);
      const { rows } = await client.query<GivenRow>({ ...statement, values });
      return rows[0] ?? { id: null, fence: null, is_limited: null };
    });
  }

  /**
   * Whether the run's next phase should go back to the queue, for somebody waits who comes before it: with a higher priority,
   * or of a repository that lacks its share while this one has more than its own.
   */
  async shouldYield(runId: string, rules: DispatchRules): Promise<boolean> {
    const [long] = await this.database.query<{ count: number }>(
      waitingLong,
      [1],
    );
    if (long === undefined || long.count === 0) return false;
    const builder = new StatementBuilder("dispatch_yield");
    addOrder(builder, rules);
    // Its own phase still has the slot that would be given, and counts as a slot of its repository and of its agent.
    builder.part(
      "own",
      `
    SELECT r.repository_id, r.priority, s.slots > ceil(s.all_slots * s.weight / s.all_weights) AS over_share,
           (SELECT agent FROM slots WHERE slots.workflow_run_id = r.id LIMIT 1) AS agent
      FROM workflow_runs r JOIN shares s ON s.id = r.repository_id WHERE r.id = ${builder.value(runId)}`,
    );
    builder.column(`
      EXISTS (SELECT 1 FROM ranked o, own
               WHERE (o.held_by IS NULL OR o.held_by = 'installation' OR o.held_by = 'agent' AND o.agent = own.agent
                      OR o.held_by = 'repository' AND o.repository_id = own.repository_id)
                 AND (o.priority > own.priority
                      OR o.priority = own.priority AND own.over_share AND o.slots < ceil(o.all_slots * o.weight / o.all_weights)))
        AS yields`);
    const { statement, values } = builder.build();
    const [row] = await this.database.query<{ yields: boolean }>(
      statement,
      values,
    );
    return row?.yields ?? false;
  }

  /** How many phases are queued, by what each waits for. */
  queued(rules: DispatchRules): Promise<readonly QueuedPhases[]> {
    return queuedByWhy(this.database, rules);
  }

  /** Where the run's queued phase stands; null when none of its phases waits for its turn. */
  async standing(
    runId: string,
    rules: DispatchRules,
  ): Promise<Standing | null> {
    const builder = new StatementBuilder("dispatch_standing");
    addOrder(builder, rules);
    builder.part(
      "own",
      `SELECT * FROM (SELECT *, row_number() OVER (ORDER BY ${rankedOrder}) AS position FROM ranked) placed WHERE workflow_run_id = ${builder.value(runId)}`,
    );
    builder.part(
      "recent",
      `
    SELECT a.ended_at - a.started_at AS took FROM attempts a
     WHERE a.workflow_run_id IN (SELECT id FROM workflow_runs ORDER BY created_at DESC LIMIT ${RECENT_RUNS.toString()}) AND a.outcome IN ('succeeded', 'no_changes')`,
    );
    builder.column("(SELECT position FROM own)::int AS position");
    builder.column("(SELECT held_by FROM own) AS held_by");
    builder.column(`
      (SELECT CASE own.held_by WHEN 'agent' THEN own.agent
                               WHEN 'repository' THEN (SELECT owner || '/' || name FROM repositories WHERE id = own.repository_id) END FROM own) AS held_name`);
    builder.column("(SELECT count(*) FROM slots)::int AS running");
    builder.column(
      "(SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY took)) * 1000 FROM recent)::float8 AS median_ms",
    );
    const { statement, values } = builder.build();
    const [row] = await this.database.query<{
      position: number | null;
      held_by: LimitKind | null;
      held_name: string | null;
      running: number;
      median_ms: number | null;
    }>(statement, values);
    if (row?.position == null) return null;
    return {
      position: row.position,
      heldBy: row.held_by,
      heldName: row.held_name,
      running: row.running,
      medianMs: row.median_ms,
    };
  }
}

function toNext(
  rules: DispatchRules,
  withLimits: boolean,
): ReturnType<StatementBuilder["build"]> {
  const builder = new StatementBuilder("dispatch_next");
  addOrder(builder, rules);
  builder.part(
    "best",
    `
    SELECT id, repository_id, weight, turns, row_number() OVER (ORDER BY ${rankedOrder}) AS position FROM ranked
     WHERE ${withLimits ? "held_by IS NULL" : `nth <= ${CANDIDATES_A_REPOSITORY.toString()} AND NOT (SELECT coalesce(bool_or(max_concurrent IS NOT NULL), false) FROM shares)`}
     ORDER BY position LIMIT ${CANDIDATES.toString()}`,
    "MATERIALIZED ",
  );
  // Looked at again under its lock: whoever was faster has moved it on, and the next in the order is tried.
  builder.part(
    "picked",
    `
    SELECT p.id, best.repository_id, best.weight, best.turns FROM best JOIN phase_runs p ON p.id = best.id
     WHERE p.status = 'queued' AND ${isAdmitted("p")} IS NOT TRUE
     ORDER BY best.position LIMIT 1 FOR UPDATE OF p SKIP LOCKED`,
  );
  builder.part(
    "admitted",
    `
    UPDATE phase_runs p SET admitted_fence = p.fence, admitted_until = now() + ${ADMITTED_MS.toString()} * interval '1 millisecond'
      FROM picked WHERE p.id = picked.id
    RETURNING p.id, p.fence`,
  );
  builder.part(
    "charged",
    `
    UPDATE repositories repo SET turns = greatest(repo.turns, picked.turns) + 1 / picked.weight::float8
      FROM picked WHERE repo.id = picked.repository_id`,
  );
  builder.column("(SELECT id FROM admitted) AS id");
  builder.column("(SELECT fence FROM admitted) AS fence");
  builder.column(
    "(SELECT bool_or(max_concurrent IS NOT NULL) FROM shares) AS is_limited",
  );
  return builder.build();
}
