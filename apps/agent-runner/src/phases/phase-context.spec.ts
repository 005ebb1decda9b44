import { expect, it } from "@jest/globals";
import { shippedWorkflows } from "@pullwright/domain";
import type { ClaimedPhase } from "@pullwright/persistence";
import { silenceMsOf, timeLimitOf } from "./phase-context.js";

const MINUTE_MS = 60_000;

/** What may be taken by the phase, by the installation, by the run, and what the run has taken; all in minutes. */
interface Minutes {
  readonly phase: number;
  readonly installation?: number;
  readonly run: number;
  readonly worked: number;
}

function remainingMinutes({ phase, installation, run, worked }: Minutes) {
  const claimed = {
    run: {
      state: {
        limits: { maxActiveMs: run * MINUTE_MS },
        activeMs: worked * MINUTE_MS,
      },
    },
    phase: {
      definition: { ...shippedWorkflows[0].phases[1], timeoutMinutes: phase },
    },
  } as ClaimedPhase; // Of the run only what a time limit reads.
  const limits =
    installation === undefined
      ? {}
      : { phaseTimeoutMs: installation * MINUTE_MS };
  return timeLimitOf(claimed, limits).remainingMs / MINUTE_MS;
}

it.each([
  ["its definition says", {}, 10],
  ["the installation says, be it less", { silenceTimeoutMs: MINUTE_MS }, 1],
  ["or more", { silenceTimeoutMs: 30 * MINUTE_MS }, 30],
])("an agent may be silent for as long as %s", (_by, limits, minutes) => {
  const phase = { definition: { stallMinutes: 10 } };
  expect(silenceMsOf(phase, limits)).toBe(minutes * MINUTE_MS);
});

it.each([
  [
    "as its definition says, where the installation says nothing",
    { phase: 10, run: 120, worked: 0 },
    10,
  ],
  [
    "as the installation says, be it less",
    { phase: 30, installation: 20, run: 120, worked: 0 },
    20,
  ],
  [
    "as the installation says, be it more",
    { phase: 45, installation: 90, run: 120, worked: 0 },
    90,
  ],
  ["as its run may", { phase: 30, installation: 60, run: 15, worked: 0 }, 15],
  [
    "as its run has left",
    { phase: 30, installation: 60, run: 120, worked: 115 },
    5,
  ],
  [
    "as a minute, however little its run has left",
    { phase: 30, installation: 60, run: 120, worked: 119.5 },
    1,
  ],
  [
    "as a minute, where its run has used more than it may",
    { phase: 30, installation: 60, run: 120, worked: 130 },
    1,
  ],
])("a phase may take as long %s", (_what, minutes, expected) => {
  // The time runs while we look at it.
  expect(remainingMinutes(minutes)).toBeCloseTo(expected, 1);
});
