import type { PhaseDefinition, Reservation } from "@pullwright/domain";
import { DatabaseUnavailable } from "../database-error.js";
import type { Database } from "../database.js";
import { BatchWriter } from "./batch-writer.js";
import type { BudgetVersion } from "./budget-use.js";
import { grantedPayload } from "./event-payload.js";
import { inTransaction } from "./in-transaction.js";
import type { Beginning, Reservations } from "./reservations.js";
import {
  goTogether,
  SeveralAtOnce,
  sizeInBytes,
  toWaiting,
  type Waiting,
} from "./save-several.js";
import type { Save, Saved } from "./transition-save.js";

type Refused = Extract<Reservation, { kind: "refused" }>;
export type Reserved = Extract<Reservation, { kind: "reserved" }>;

export interface Stored {
  readonly kind: "saved";
  readonly saved: Saved;
  /** Null when no budget applies. */
  readonly reservation: Reserved | null;
}

/** A transition that begins a phase. */
class Claiming {
  #waiting: Waiting | undefined;

  constructor(
    readonly save: Save,
    readonly definition: PhaseDefinition,
  ) {}

  /** The same without what is reserved; composed only where it is needed. */
  get waiting(): Waiting {
    return (this.#waiting ??= toWaiting(this.save));
  }
}

/** Of all that begin at once in this process. */
const MAX_RUNS = 16;
/** A process that was overtaken by another one takes the lock for as long: it would be again. */
const WARY_FOR_MS = 1_000;

/**
 * Writes transitions that begin a phase under shared budgets. One that comes alone reads them without a lock, and is written
 * if nobody reserved from them meanwhile. Where several come at once, or another process was faster, the budgets are locked until
 * the commit, and those that wait for it here go together: one lock, one reading of the sums, one commit.
 */
export class BudgetedWriter {
  readonly #together: BatchWriter<Claiming, Stored | Refused | null>;
  readonly #several = new SeveralAtOnce();
  #waryUntil = 0;

  constructor(
    private readonly database: Database,
    private readonly reservations: Pick<Reservations, "among" | "forecast">,
  ) {
    this.#together = new BatchWriter((claims) => this.#writeAll(claims), {
      maxInFlight: 1,
      maxItems: MAX_RUNS,
      maxSize: 1024 * 1024,
      sizeOf: ({ waiting }) => sizeInBytes(waiting),
      isItemsFault: (error) => !(error instanceof DatabaseUnavailable),
    });
  }

  /** Null when somebody else moved the run first; a refusal writes nothing. */
  save(
    save: Save,
    definition: PhaseDefinition,
  ): Promise<Stored | Refused | null> {
    return this.#together.add(new Claiming(save, definition));
  }

  async #writeAll(
    claims: readonly Claiming[],
  ): Promise<(Stored | Refused | null)[]> {
    const [first, ...others] = claims;
    if (
      first !== undefined &&
      others.length === 0 &&
      performance.now() > this.#waryUntil
    ) {
      const answer = await this.#writeAsRead(first);
      if (answer !== null) return [answer];
      this.#waryUntil = performance.now() + WARY_FOR_MS;
    }
    return this.#writeLocked(claims);
  }

  /** Null when somebody else was faster, with the budgets or with the run. */
  async #writeAsRead(claim: Claiming): Promise<Stored | Refused | null> {
    const { answer, versions } = await this.reservations.forecast(
      toBeginning(claim),
    );
    if (answer?.kind === "refused") return answer;
    const waiting =
      answer === null
        ? claim.waiting
        : toWaiting(withReservation(claim.save, answer, versions));
    const [saved = null] = await this.#several.save(this.database, [waiting]);
    return saved && { kind: "saved", saved, reservation: answer };
  }

  #writeLocked(
    claims: readonly Claiming[],
  ): Promise<(Stored | Refused | null)[]> {
    return this.database.transaction(async (client) => {
      const executor = inTransaction(client);
      const answers = await this.reservations.among(
        executor,
        claims.map(toBeginning),
      );
      const written: (Stored | Refused | null)[] = [];
      const granted: Granted[] = [];
      for (const [index, claim] of claims.entries()) {
        const answer = answers[index] ?? null;
        written[index] = answer?.kind === "refused" ? answer : null;
        if (answer === null)
          granted.push({ index, waiting: claim.waiting, answer });
        else if (answer.kind === "reserved")
          granted.push({
            index,
            waiting: toWaiting(withReservation(claim.save, answer)),
            answer,
          });
      }
      for (const group of inGroups(granted)) {
        const saved = await this.#several.save(
          executor,
          group.map(({ waiting }) => waiting),
        );
        for (const [place, { index, answer }] of group.entries()) {
          const one = saved[place] ?? null;
          written[index] =
            one === null
              ? null
              : { kind: "saved", saved: one, reservation: answer };
        }
      }
      return written;
    });
  }
}

const toBeginning = ({ save, definition }: Claiming): Beginning => ({
  run: save.before,
  definition,
  agent: save.claim?.agent ?? null,
});

interface Granted {
  /** Among those that are written. */
  readonly index: number;
  readonly waiting: Waiting;
  readonly answer: Reserved | null;
}

/** Those that one statement can write, each group in the order in which they came. */
function inGroups(granted: readonly Granted[]): Granted[][] {
  const groups: Granted[][] = [];
  for (const one of granted) {
    const group = groups.find((others) =>
      goTogether(
        others.map(({ waiting }) => waiting),
        one.waiting,
      ),
    );
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups;
}

/** The event of the claim is written anyway: the decision's sums cost no row of their own. */
function withReservation(
  save: Save,
  reserved: Reserved,
  budgets?: readonly BudgetVersion[],
): Save {
  const { claim } = save;
  if (claim === undefined) return save;
  return {
    ...save,
    claim: {
      ...claim,
      reserved: reserved.amount,
      ...(budgets === undefined ? {} : { budgets }),
    },
    events: save.events.map((event) =>
      event.type === "phase_claimed"
        ? {
            ...event,
            payload: { ...event.payload, ...grantedPayload(reserved) },
          }
        : event,
    ),
  };
}
