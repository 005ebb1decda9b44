import type { Sighting } from "./oracle/sightings.js";
import type { Random } from "./rig/random.js";
import type { Backend, Rig, RigOptions } from "./rig/rig.js";

/** One fault: how it is injected, and where it must show. What must hold afterwards is the oracle's, the same for all. */
export interface FaultCase {
  /** Of the plan of the suite; several cases may share one. */
  readonly number: number;
  /** What happens, in a few words. */
  readonly name: string;
  /** On which back ends of the queue it makes sense. */
  readonly backends: readonly Backend[];
  /** What the rig must be like; cases that want nothing share one. */
  readonly rig?: Omit<RigOptions, "backend">;
  /** Set where no case, not even the same one, can use the services again. */
  readonly spendsRig?: true;
  /** Injects the fault and waits for what it promises; throws where the promise is broken. */
  run(rig: Rig, random: Random): Promise<readonly Sighting[]>;
}

export const bothBackends: readonly Backend[] = ["redis", "postgres"];
