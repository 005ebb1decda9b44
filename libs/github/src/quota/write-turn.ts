import { withTimeout } from "@pullwright/platform";
import type { WritePace } from "./write-pace.js";
import type { QuotaLedger } from "./quota-ledger.js";

/** An answer to whether the credential's next write may go now. */
export type Turn =
  | {
      readonly kind: "taken";
      /** To be called when the write is over; true when another process has waited meanwhile. Never rejects. */
      readonly giveBack: () => Promise<boolean>;
    }
  /** Another process writes, or the pace allows none for so long. */
  | { readonly kind: "later"; readonly inMs: number };

/** Asks for a credential's turn; while it is held no other process has one. Never rejects. */
export type TakeTurn = (pace: WritePace) => Promise<Turn>;

/** The turn of a process that knows of no other. */
export const turnOfOne: Turn = {
  kind: "taken",
  giveBack: () => Promise.resolve(false),
};

/** A ledger that is away holds no write up for longer than this. */
const TURN_PATIENCE_MS = 500;
/** What a write takes besides its request: telling and asking the ledger, before and after. */
const SURROUNDINGS_MS = 2_000;

/** The turns that all processes of a credential give each other; each for itself while the ledger is away. */
export function sharedTurns(
  ledger: QuotaLedger,
  credential: string,
  requestTimeoutMs: number,
): TakeTurn {
  const giveBack = (fence: number) =>
    withTimeout(
      ledger.giveWriteTurnBack(credential, fence),
      TURN_PATIENCE_MS,
      "The end of the turn to write",
    ).catch(() => false); // It runs out by itself.
  return async (pace) => {
    // A process that dies while it writes holds the others up for no longer.
    const holdMs = requestTimeoutMs + SURROUNDINGS_MS;
    const asking = ledger.takeWriteTurn(credential, pace, holdMs);
    try {
      const turn = await withTimeout(
        asking,
        TURN_PATIENCE_MS,
        "The turn to write",
      );
      if (turn.kind === "later") return turn;
      return { kind: "taken", giveBack: () => giveBack(turn.fence) };
    } catch {
      // Nobody uses a turn that comes after all.
      void asking.then(
        (turn) => (turn.kind === "taken" ? giveBack(turn.fence) : undefined),
        () => undefined,
      );
      return turnOfOne;
    }
  };
}
