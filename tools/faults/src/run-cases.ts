import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FaultCase } from "./fault-case.js";
import { checkOracle } from "./oracle/check-oracle.js";
import { markNow } from "./oracle/sightings.js";
import type { Violation } from "./oracle/violation.js";
import { diligent } from "./rig/director.js";
import { randomFrom } from "./rig/random.js";
import { startRig, type Backend, type Rig } from "./rig/rig.js";
import type { Programs } from "./rig/service-programs.js";

/** One time that a case was run. */
export interface Round {
  readonly fault: FaultCase;
  readonly backend: Backend;
  readonly seed: number;
  readonly durationMs: number;
  /** Why it did not pass; null when it did. */
  readonly error: unknown;
  readonly violations: readonly Violation[];
}

export const hasPassed = ({ error, violations }: Round) =>
  error === null && violations.length === 0;

const CASE_WITHIN_MS = 600_000;

export interface CaseRunnerOptions {
  readonly log: (text: string) => void;
  /** Keeps the services' logs of the rounds that failed. */
  readonly logsFolder?: string | undefined;
  readonly programs?: Programs | undefined;
}

/** Runs cases one after the other; those that want nothing special of their rig share one, as do the rounds of a case. */
export class CaseRunner {
  #rig: Rig | undefined;
  #rigOf = "";
  #starting: Promise<Rig> | undefined;
  #closing: Promise<void> | undefined;
  readonly #options: CaseRunnerOptions;

  constructor(options: CaseRunnerOptions) {
    this.#options = options;
  }

  async run(fault: FaultCase, backend: Backend, seed: number): Promise<Round> {
    const about = { fault, backend, seed };
    let startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    try {
      const rig = await this.#rigFor(fault, backend);
      startedAt = performance.now();
      const since = await markNow(rig);
      const visible = await inTime(fault.run(rig, randomFrom(seed)));
      const took = durationMs();
      const violations = await checkOracle(rig, { since, visible });
      if (violations.length > 0) await this.#giveUp(about);
      if (fault.spendsRig) await this.close();
      return { ...about, durationMs: took, error: null, violations };
    } catch (error) {
      const violations = await this.#afterwards();
      await this.#giveUp(about);
      return { ...about, durationMs: durationMs(), error, violations };
    }
  }

  /** Ends the services that it has started, or is starting. */
  async close(): Promise<void> {
    await this.#starting?.catch(() => undefined); // Whoever asked for it hears of it.
    const rig = this.#rig;
    this.#rig = undefined;
    if (rig !== undefined) this.#closing = rig.close();
    await this.#closing;
  }

  async #rigFor(fault: FaultCase, backend: Backend): Promise<Rig> {
    const key = rigOf(fault, backend);
    const rig =
      this.#rig === undefined || this.#rigOf !== key
        ? await this.#start(fault, backend)
        : this.#rig;
    rig.director.follow(diligent);
    rig.github.faults.clear();
    rig.github.webhooks.clear();
    return rig;
  }

  async #start(fault: FaultCase, backend: Backend): Promise<Rig> {
    await this.close();
    const { log, programs } = this.#options;
    this.#rigOf = rigOf(fault, backend);
    log(`starting the services for: ${this.#rigOf}`);
    this.#starting = startRig({ ...fault.rig, backend, programs });
    try {
      this.#rig = await this.#starting;
      return this.#rig;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Ends a rig that a case has failed on. */
  async #giveUp({
    fault,
    backend,
    seed,
  }: Pick<Round, "fault" | "backend" | "seed">): Promise<void> {
    const { logsFolder } = this.#options;
    if (this.#rig !== undefined && logsFolder !== undefined) {
      const name = `${fault.number}-${backend}-${seed}`;
      await cp(join(this.#rig.folder, "logs"), join(logsFolder, name), {
        recursive: true,
      });
    }
    await this.close();
  }

  /** What else is wrong after a case that broke off; the first look must do. */
  async #afterwards(): Promise<Violation[]> {
    if (this.#rig === undefined) return [];
    return checkOracle(this.#rig, { withinMs: 0 }).catch(() => []);
  }
}

/** The services that a case needs, by a name; cases of one name share them. */
export const rigOf = ({ rig, name }: FaultCase, backend: Backend): string =>
  rig === undefined ? backend : `${name} on ${backend}`;

async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(CASE_WITHIN_MS, undefined, { signal: over.signal }).then(
    () => {
      throw new Error(`Not within ${CASE_WITHIN_MS / 1_000} s.`);
    },
  );
  late.catch(() => undefined); // Aborted when the work is over.
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
