import { parseArgs } from "node:util";

export interface BenchArguments {
  /** Smaller data and fewer rounds: three to four minutes. */
  readonly short: boolean;
  /** The names of the benches to run; empty for all. */
  readonly only: readonly string[];
  /** Also runs what others have built for the same work; they are installed in `bench/`. */
  readonly peers: boolean;
  /** Writes `docs/benchmarks.md`. */
  readonly write: boolean;
}

export function readArguments(argv: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      short: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      peers: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  return {
    ...values,
    only: values.only.flatMap((names) => names.split(",")),
  };
}
