import type { Backend } from "../rig/rig.js";
import { hasPassed, type Round } from "../run-cases.js";

/** A case on one back end over all its rounds. */
export interface CaseSummary {
  readonly number: number;
  readonly name: string;
  readonly backend: Backend;
  /** Those on which it was run, as `YYYY-MM-DD`. */
  readonly days: readonly string[];
  /** What each round drew its moments from, in their order. */
  readonly seeds: readonly number[];
  /** Of every round, in the same order. */
  readonly tookMs: readonly number[];
  /** What the rounds that failed drew their moments from. */
  readonly failedSeeds: readonly number[];
}

export const passedOf = ({ tookMs, failedSeeds }: CaseSummary): number =>
  tookMs.length - failedSeeds.length;

export const summarise = (
  rounds: readonly Round[],
  endedAt: Date,
): CaseSummary[] =>
  together(
    rounds.map((round) => ({
      number: round.fault.number,
      name: round.fault.name,
      backend: round.backend,
      days: [endedAt.toISOString().slice(0, 10)],
      seeds: [round.seed],
      tookMs: [round.durationMs],
      failedSeeds: hasPassed(round) ? [] : [round.seed],
    })),
  );

/** Puts what is known of the same case together; by number and name. */
export function together<Case extends CaseSummary>(
  parts: readonly Case[],
): Case[] {
  const cases = new Map<string, Case>();
  for (const part of parts) {
    const key = `${part.number} ${part.name} ${part.backend}`;
    const known = cases.get(key);
    cases.set(
      key,
      known === undefined
        ? part
        : {
            ...part,
            days: [...new Set([...known.days, ...part.days])],
            seeds: [...known.seeds, ...part.seeds],
            tookMs: [...known.tookMs, ...part.tookMs],
            failedSeeds: [...known.failedSeeds, ...part.failedSeeds],
          },
    );
  }
  return [...cases.values()].sort(
    (one, other) =>
      one.number - other.number || one.name.localeCompare(other.name),
  );
}

export function medianSeconds({ tookMs }: CaseSummary): string {
  const sorted = tookMs.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const ms =
    sorted.length % 2 === 1
      ? upper
      : (upper + (sorted[middle - 1] ?? upper)) / 2;
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** As lines that line up. */
export function plainTable(cases: readonly CaseSummary[]): string {
  return cases
    .map((one) => {
      const [passed, rounds] = [passedOf(one), one.tookMs.length];
      return [
        passed === rounds ? "ok  " : "FAIL",
        one.number.toString().padStart(2),
        one.name.padEnd(64),
        one.backend.padEnd(8),
        `${passed.toString()}/${rounds.toString()}`.padStart(5),
        medianSeconds(one).padStart(8),
      ].join("  ");
    })
    .join("\n");
}
