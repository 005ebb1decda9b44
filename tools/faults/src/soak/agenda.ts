import { bothBackends, type FaultCase } from "../fault-case.js";
import type { CaseSummary } from "../report/summary.js";
import type { Backend } from "../rig/rig.js";

/** One time that a case is to be run. */
export interface Task {
  readonly fault: FaultCase;
  readonly backend: Backend;
  /** What it draws its moments from. */
  readonly seed: number;
  /** Counts the rounds that are run on the same services. */
  readonly block: number;
}

/** Starting services takes longer than most cases; old ones take longer to check. */
const ROUNDS_IN_A_BLOCK = 5;

export interface Rounds {
  /** How often each case is to have been run. */
  readonly rounds: number;
  /** Of the first round; each other one has the next. */
  readonly seed: number;
}

/** What is left to do, in its order, once the rounds that are known are done. */
export function agenda(
  cases: readonly FaultCase[],
  { rounds, seed }: Rounds,
  known: readonly CaseSummary[] = [],
): Task[] {
  const sharedFirst = cases.toSorted((one, other) => own(one) - own(other));
  const inRound = (round: number, backend: Backend): Task[] =>
    sharedFirst
      .filter(
        (fault) =>
          fault.backends.includes(backend) &&
          !seedsOf(fault, backend, known).includes(seed + round),
      )
      .map((fault) => ({
        fault,
        backend,
        seed: seed + round,
        block: blockOf(round),
      }));
  const all = Array.from({ length: rounds }, (_, round) => round);
  const blocks = new Set(all.map(blockOf));
  return [...blocks].flatMap((block) =>
    bothBackends.flatMap((backend) =>
      all
        .filter((round) => blockOf(round) === block)
        .flatMap((round) => inRound(round, backend)),
    ),
  );
}

/** Takes the next task off the list: one of the same block for services that run already, if there is one. */
export function takeNext(
  waiting: Task[],
  fits: (task: Task) => boolean,
): Task | undefined {
  const [first] = waiting;
  const index = waiting.findIndex(
    (task) => task.block === first?.block && fits(task),
  );
  return waiting.splice(Math.max(0, index), 1)[0];
}

const blockOf = (round: number) => Math.floor(round / ROUNDS_IN_A_BLOCK);

const own = ({ rig }: FaultCase) => (rig === undefined ? 0 : 1);

function seedsOf(
  fault: FaultCase,
  backend: Backend,
  known: readonly CaseSummary[],
): readonly number[] {
  const one = known.find(
    (summary) =>
      summary.number === fault.number &&
      summary.name === fault.name &&
      summary.backend === backend,
  );
  return one?.seeds ?? [];
}
