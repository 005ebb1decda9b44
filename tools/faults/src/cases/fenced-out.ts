import type { Sighting } from "../oracle/sightings.js";
import type { ServiceProcess } from "../rig/service-process.js";

const voided = /the attempt was lost|the attempt's result was not taken/;

/** Waits until a runner has found, in what it writes from now on, that its attempt is somebody else's. */
export function awaitFencedOut(runner: ServiceProcess): {
  readonly seen: () => Promise<void>;
  readonly sightings: readonly Sighting[];
} {
  const said = runner.listen();
  return {
    seen: async () => (await said)(voided),
    sightings: [
      { service: runner.name, log: voided },
      { timeline: /^attempt_lost / },
    ],
  };
}
