import type { PhaseDefinition, Reservation } from "@pullwright/domain";
import { DatabaseUnavailable } from "../database-error.js";
import type { Database } from "../database.js";
import { BatchWriter } from "./batch-writer.js";
import { grantedPayload } from "./event-payload.js";
import { inTransaction } from "./in-transaction.js";
import type { Reservations } from "./reservations.js";
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
interface Claiming {
  readonly save: Save;
  readonly definition: PhaseDefinition;
  /** The same without what is reserved. */
  readonly waiting: Waiting;
}

/** Of all that begin at once in this process. */
const MAX_RUNS = 16;

/**
 * Writes transitions that begin a phase under shared budgets. Whoever reserves holds the budgets until the commit, so those
 * that wait for it here go together: one lock, one reading of the sums, one commit.
 */
export class BudgetedWriter {
  readonly #together: BatchWriter<Claiming, Stored | Refused | null>;
  readonly #several = new SeveralAtOnce();

  constructor(
    private readonly database: Database,
    private readonly reservations: Pick<Reservations, "among">,
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
    return this.#together.add({ save, definition, waiting: toWaiting(save) });
  }

  #writeAll(claims: readonly Claiming[]): Promise<(Stored | Refused | null)[]> {
    return this.database.transaction(async (client) => {
      const executor = inTransaction(client);
      const answers = await this.reservations.among(
        executor,
        claims.map(({ save, definition }) => ({
          run: save.before,
          definition,
          agent: save.claim?.agent ?? null,
        })),
      );
      const written: (Stored | Refused | null)[] = [];
      const granted: Granted[] = [];
      for (const [index, { save, waiting }] of claims.entries()) {
        const answer = answers[index] ?? null;
        written[index] = answer?.kind === "refused" ? answer : null;
        if (answer === null) granted.push({ index, waiting, answer });
        else if (answer.kind === "reserved")
          granted.push({
            index,
            waiting: toWaiting(withReservation(save, answer)),
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
function withReservation(save: Save, reserved: Reserved): Save {
  const { claim } = save;
  if (claim === undefined) return save;
  return {
    ...save,
    claim: { ...claim, reserved: reserved.amount },
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
