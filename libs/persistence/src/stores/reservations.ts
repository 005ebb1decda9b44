import {
  extend,
  reserve,
  type Amount,
  type BudgetUse,
  type PhaseDefinition,
  type Reservation,
} from "@pullwright/domain";
import type { Database, Executor, Statement } from "../database.js";
import type { AttemptRef } from "./attempt-ref.js";
import {
  lockedUses,
  readUses,
  TODAY,
  type Applying,
  type BudgetVersion,
  type CostPlace,
} from "./budget-use.js";
import { grantedPayload } from "./event-payload.js";
import { inTransaction } from "./in-transaction.js";
import type { LoadedRun } from "./run-record.js";

/** A budget that another process makes counts here after at most this long; without any, a claim asks nothing. */
const KNOWN_FOR_MS = 1_000;
/** What a phase is expected to cost before the ledger knows better. US dollars. */
const FIRST_EXPECTATION_USD = 1;

const anyBudget: Statement = {
  name: "budgets_any",
  text: "SELECT EXISTS (SELECT 1 FROM budgets) AS any",
};

/** What a phase that is to begin would get as things stand. */
export interface Forecast {
  /** Null where no budget applies. */
  readonly answer: Reservation | null;
  /** Of the budgets that it would be taken from: it holds while they have these. */
  readonly versions: readonly BudgetVersion[];
}

/** A phase that is to begin, and who would do it; null where that is not known. */
export interface Beginning {
  readonly run: LoadedRun;
  readonly definition: PhaseDefinition;
  readonly agent: string | null;
}

const place: Statement = {
  name: "ledger_place",
  text: "SELECT reserved_usd, reserved_tokens FROM ledger WHERE attempt_id = $1 AND settled_at IS NULL",
};

/** Written only while the attempt holds its phase: whoever settles it first has the last word. */
const note: Statement = {
  name: "ledger_note",
  text: `
  INSERT INTO ledger AS l (attempt_id, day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, labels, agent, model,
                           reserved_usd, reserved_tokens, cost_usd, tokens)
  SELECT a.id, ${TODAY}, r.id, r.adw_id, p.execution, p.phase, r.repository_id, r.work_item_id, w.labels, a.agent, a.model, $4, $5, $6, $7
    FROM phase_runs p JOIN attempts a ON a.id = $1 AND a.phase_run_id = p.id
    JOIN workflow_runs r ON r.id = p.workflow_run_id JOIN work_items w ON w.id = r.work_item_id
   WHERE p.id = $2 AND p.fence = $3 AND p.status = 'running' AND p.lease_until > now()
     FOR UPDATE OF p
  ON CONFLICT (attempt_id) DO UPDATE
     SET day = excluded.day, reserved_usd = excluded.reserved_usd, reserved_tokens = excluded.reserved_tokens,
         cost_usd = greatest(l.cost_usd, excluded.cost_usd), tokens = greatest(l.tokens, excluded.tokens)
   WHERE l.settled_at IS NULL
  RETURNING attempt_id`,
};

/** Seldom: each growth is by half of what was taken. */
const noteGrowth: Statement = {
  name: "run_event_budget_extended",
  text: `
  INSERT INTO run_events (workflow_run_id, execution, type, actor, payload) VALUES ($1, $2, 'budget_extended', $3, $4)`,
};

/** Reserves from the budgets that runs share, so that two at once never take the last dollar both. */
export class Reservations {
  #known: { readonly any: boolean; readonly until: number } | undefined;

  constructor(private readonly database: Database) {}

  /** Whether any budget may apply to the phase; without one, nothing is locked and nothing read. */
  async mayApply({ kind }: PhaseDefinition): Promise<boolean> {
    if (kind !== "agent") return false;
    if (this.#known === undefined || performance.now() > this.#known.until) {
      const [row] = await this.database.query<{ any: boolean }>(anyBudget, []);
      this.#known = {
        any: row?.any ?? false,
        until: performance.now() + KNOWN_FOR_MS,
      };
    }
    return this.#known.any;
  }

  /** The budgets of this process changed just now. */
  forget(): void {
    this.#known = undefined;
  }

  /**
   * Reserves for some phases, in their order and in the caller's transaction, which holds the budgets until its end; null
   * where no budget applies.
   */
  async among(
    executor: Executor,
    beginnings: readonly Beginning[],
  ): Promise<(Reservation | null)[]> {
    const found = await lockedUses(executor, beginnings.map(placeOf));
    /** By those before, of what they share with those after. */
    const taken = new Map<BudgetUse, Amount>();
    return beginnings.map((beginning, index) => {
      const applying = found[index];
      if (applying === undefined || applying.uses.length === 0) return null;
      const answer = reserve(
        applying.uses.map((use) => plus(use, taken.get(use))),
        expectedOf(beginning, applying),
      );
      if (answer.kind === "reserved")
        for (const use of applying.uses)
          taken.set(use, sumOf(taken.get(use), answer.amount));
      return answer;
    });
  }

  /** What the phase would get now; nothing is held, so another may be faster. */
  async forecast(beginning: Beginning): Promise<Forecast> {
    const { byPlace, versions } = await readUses(this.database, [
      placeOf(beginning),
    ]);
    const [applying] = byPlace;
    const answer =
      applying === undefined || applying.uses.length === 0
        ? null
        : reserve(applying.uses, expectedOf(beginning, applying));
    return { answer, versions };
  }

  /** Whether the phase would get its money now, for the agent that would do it. */
  async wouldFit(
    run: LoadedRun,
    definition: PhaseDefinition,
    agent: string,
  ): Promise<boolean> {
    const { answer } = await this.forecast({ run, definition, agent });
    return answer?.kind !== "refused";
  }

  /**
   * Notes what a running attempt has taken so far and lets its reservation grow with it; null when the attempt is no
   * longer its owner's. The note stays when the growth is refused: it is what a lost attempt is settled by.
   */
  async spend(
    { attemptId, phaseRunId, fence, owner }: AttemptRef,
    at: CostPlace,
    taken: Amount,
  ): Promise<Reservation | null> {
    return this.database.transaction(async (client) => {
      const executor = inTransaction(client);
      const [found] = await lockedUses(executor, [at], attemptId);
      const uses = found?.uses ?? [];
      const [row] = await executor.query<{
        reserved_usd: string;
        reserved_tokens: string;
      }>(place, [attemptId]);
      const held: Amount = {
        usd: Number(row?.reserved_usd ?? 0),
        tokens: Number(row?.reserved_tokens ?? 0),
      };
      const answer = extend(uses, held, taken);
      const { usd, tokens } =
        uses.length === 0 || answer.kind === "refused" ? held : answer.amount;
      const noted = await executor.query(note, [
        attemptId,
        phaseRunId,
        fence,
        usd,
        tokens,
        taken.usd,
        taken.tokens,
      ]);
      if (noted.length === 0) return null;
      if (
        answer.kind === "reserved" &&
        (usd > held.usd || tokens > held.tokens)
      )
        await executor.query(noteGrowth, [
          at.run.id,
          at.execution,
          owner,
          {
            phase: at.phase,
            agent: at.agent,
            fence,
            taken_usd: taken.usd,
            taken_tokens: taken.tokens,
            before_usd: held.usd,
            before_tokens: held.tokens,
            ...grantedPayload(answer),
          },
        ]);
      return answer;
    });
  }
}

/** What a phase is expected to take; its run's own money ends it in any case. */
function expectedOf(
  { run, definition }: Beginning,
  { expected }: Applying,
): Amount {
  const { limits, spentUsd } = run.state;
  const usd = definition.budgetUsd ?? expected?.usd ?? FIRST_EXPECTATION_USD;
  return {
    usd: limits.maxUsd === null ? usd : Math.min(usd, limits.maxUsd - spentUsd),
    tokens: Math.round(expected?.tokens ?? 0),
  };
}

const placeOf = ({ run, definition, agent }: Beginning): CostPlace => ({
  run,
  execution: run.state.execution,
  phase: definition.name,
  agent,
});

const NOTHING: Amount = { usd: 0, tokens: 0 };

const sumOf = ({ usd, tokens }: Amount = NOTHING, more: Amount): Amount => ({
  usd: usd + more.usd,
  tokens: tokens + more.tokens,
});

const plus = (use: BudgetUse, taken: Amount | undefined): BudgetUse =>
  taken === undefined ? use : { ...use, reserved: sumOf(use.reserved, taken) };
