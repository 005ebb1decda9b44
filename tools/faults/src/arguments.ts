import { parseArgs } from "node:util";

export interface FaultArguments {
  /** How often each case runs. */
  readonly rounds: number;
  /** What the first round draws its moments from. */
  readonly seed: number;
  /** The numbers of the faults to run; empty for all. */
  readonly only: readonly number[];
  /** Writes `docs/reliability.md`. */
  readonly write: boolean;
}

/** Reads the command line; throws for what it does not know. */
export function readArguments(argv: readonly string[]): FaultArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      only: { type: "string", multiple: true, default: [] },
      write: { type: "boolean", default: false },
    },
  });
  return {
    rounds: whole(values.rounds),
    seed: whole(values.seed),
    only: values.only.flatMap((numbers) => numbers.split(",")).map(whole),
    write: values.write,
  };
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`${text} is no whole number.`);
  return Number(text);
}
