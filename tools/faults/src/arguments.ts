import { parseArgs } from "node:util";

export interface FaultArguments {
  /** How often each case is run; with {@link write} but for the rounds that are recorded of the same sources and seeds. */
  readonly rounds: number;
  /** After so many minutes no case is begun any more; null for no such limit. */
  readonly minutes: number | null;
  /** What the first round draws its moments from; the next one takes the next number. */
  readonly seed: number;
  /** The numbers of the faults to run; empty for all. */
  readonly only: readonly number[];
  /** How many rigs work side by side. */
  readonly jobs: number;
  /** Writes `docs/reliability.md`. */
  readonly write: boolean;
  /** A folder that keeps the services' logs of the rounds that failed. */
  readonly logs?: string;
}

/** Reads the command line; throws for what it does not know. */
export function readArguments(argv: readonly string[]): FaultArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: "string", default: "1" },
      minutes: { type: "string" },
      seed: { type: "string", default: "1" },
      only: { type: "string", multiple: true, default: [] },
      jobs: { type: "string", default: "1" },
      write: { type: "boolean", default: false },
      logs: { type: "string" },
    },
  });
  return {
    rounds: whole(values.rounds),
    minutes: values.minutes === undefined ? null : whole(values.minutes),
    seed: whole(values.seed),
    only: values.only.flatMap((numbers) => numbers.split(",")).map(whole),
    jobs: Math.max(1, whole(values.jobs)),
    write: values.write,
    ...(values.logs === undefined ? {} : { logs: values.logs }),
  };
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`${text} is no whole number.`);
  return Number(text);
}
