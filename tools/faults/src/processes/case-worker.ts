import { catalogue } from "../catalogue.js";
import { CaseRunner } from "../run-cases.js";
import type { CaseAnswer, CaseQuestion } from "../soak/messages.js";

// Runs the cases that its parent names, one after the other, in a process of its own: a rig's GitHub must not wait for
// what another rig has to do.
let runner: CaseRunner | undefined;
let ending: Promise<void> | undefined;

process.on(
  "message",
  ({ caseIndex, backend, seed, ...options }: CaseQuestion) => {
    const fault = catalogue[caseIndex];
    if (fault === undefined) throw new RangeError(`No case ${caseIndex}.`);
    runner ??= new CaseRunner({ log: console.log, ...options });
    void runner
      .run(fault, backend, seed)
      .then(({ durationMs, error, violations }) => {
        const answer: CaseAnswer = { durationMs, error, violations };
        process.send?.(answer);
      })
      .catch((error: unknown) => {
        if (ending === undefined) throw error; // Else its services are going, and nobody asks any more.
      });
  },
);

/** Its parent has no more for it, has gone, or was interrupted; of a whole group, both hear of it. */
const end = () => {
  ending ??= (runner?.close() ?? Promise.resolve()).finally(() =>
    process.exit(0),
  );
};
process.once("disconnect", end).once("SIGTERM", end);
// Ctrl+C reaches the whole group; the parent decides.
process.on("SIGINT", () => undefined);
