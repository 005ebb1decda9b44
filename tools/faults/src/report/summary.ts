import { hasPassed, type Round } from "../run-cases.js";

/** A case on one back end over all its rounds. */
export interface Row {
  readonly number: number;
  readonly name: string;
  readonly backend: string;
  readonly rounds: number;
  readonly passed: number;
  readonly medianMs: number;
}

export function summarise(rounds: readonly Round[]): Row[] {
  const groups = new Map<string, Round[]>();
  for (const round of rounds) {
    const key = `${round.fault.number} ${round.fault.name} ${round.backend}`;
    groups.set(key, [...(groups.get(key) ?? []), round]);
  }
  return [...groups.values()]
    .map((group) => ({ group, first: group[0] }))
    .flatMap(({ group, first }) =>
      first === undefined
        ? []
        : [
            {
              number: first.fault.number,
              name: first.fault.name,
              backend: first.backend,
              rounds: group.length,
              passed: group.filter(hasPassed).length,
              medianMs: medianOf(group.map(({ durationMs }) => durationMs)),
            },
          ],
    )
    .sort(
      (one, other) =>
        one.number - other.number || one.name.localeCompare(other.name),
    );
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1
    ? upper
    : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** As lines that line up. */
export function plainTable(rows: readonly Row[]): string {
  return rows
    .map(({ number, name, backend, rounds, passed, medianMs }) =>
      [
        passed === rounds ? "ok  " : "FAIL",
        number.toString().padStart(2),
        name.padEnd(64),
        backend.padEnd(8),
        `${passed.toString()}/${rounds.toString()}`.padStart(5),
        `${(medianMs / 1_000).toFixed(1)} s`.padStart(8),
      ].join("  "),
    )
    .join("\n");
}
