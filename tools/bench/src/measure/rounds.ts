import { median } from "./statistics.js";

/** Takes one measurement. */
export type Contender = () => Promise<number>;

/** What the rounds gave. */
export interface Rounds<Name extends string> {
  /** The median of a contender's measurements. */
  value(name: Name): number;
  /**
   * The median of the quotients, each of two measurements of one round: neighbours in time share the machine's mood,
   * while medians of the whole may come from different ones.
   */
  ratio(ours: Name, floor: Name): number;
}

/** Measures all contenders in turn (A B A B …), each round the other way round than the one before. */
export async function interleave<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[]; // The keys of a record of names.
  const taken: Record<Name, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed();
    const values: Partial<Record<Name, number>> = {};
    for (const name of order) values[name] = await contenders[name]();
    taken.push(values as Record<Name, number>); // Every name was measured.
  }
  return {
    value: (name) => median(taken.map((round) => round[name])),
    ratio: (ours, floor) =>
      median(taken.map((round) => round[ours] / round[floor])),
  };
}
