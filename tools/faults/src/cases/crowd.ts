import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@pullwright/testing";
import type { Turn } from "../rig/director.js";
import type { Rig } from "../rig/rig.js";

/** Runs that all have begun, with their agents held until told to go on. */
export interface Crowd {
  readonly issues: readonly number[];
  /** Lets the agents, and all that come after them, do their work. */
  release(): void;
  /** Waits for the ends of all, which must be completions. */
  complete(timeoutMs?: number): Promise<void>;
  /** How often the agents of these runs were started. */
  turns(): readonly Turn[];
}

const BEGINS_WITHIN_MS = 60_000;

/** Asks for so many runs of one phase; returns when all runs exist and as many agents work as the runners take. */
export async function gather(
  rig: Rig,
  count: number,
  { workflow = "adw_build", atWork = Math.min(count, capacityOf(rig)) } = {},
): Promise<Crowd> {
  const { promise: released, resolve: release } = gate();
  rig.director.follow(async ({ phase }) => {
    await released;
    return phase === "build" ? ["edit"] : [];
  });
  const issues = Array.from({ length: count }, () => rig.ask(workflow));
  const turns = () =>
    rig.director.turns.filter(({ issueNumber }) =>
      issues.includes(issueNumber),
    );
  await rig.wait(issues, ["pending", "running"], BEGINS_WITHIN_MS);
  await until(
    () => turns().length >= atWork,
    `${atWork} agents are at work`,
    BEGINS_WITHIN_MS,
  );
  return {
    issues,
    release,
    turns,
    complete: async (timeoutMs) => {
      const runs = await rig.wait(issues, undefined, timeoutMs);
      const failed = runs.filter(({ status }) => status !== "completed");
      if (failed.length > 0)
        throw new Error(`Not completed: ${JSON.stringify(failed)}`);
    },
  };
}

function gate() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Phases that all runners together work on at once. */
function capacityOf({ fleet, options }: Rig): number {
  const each = Number(options.env?.["RUNNER_CONCURRENCY"] ?? 2);
  return fleet.of("agent-runner").length * each;
}

/** Throws where an agent was started twice though nothing was lost. */
export function onceEach(turns: readonly Turn[]): void {
  const again = turns.filter(({ turn }) => turn > 1);
  if (again.length > 0)
    throw new Error(`Agents were started again: ${JSON.stringify(again)}`);
}

/** A pause whose length the case draws. */
export const pause = (ms: number): Promise<void> => sleep(ms);
