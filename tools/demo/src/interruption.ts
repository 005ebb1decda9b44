import { descendantsOf, killAll } from "./installation/process-tree.js";

/** One Ctrl-C may arrive several times: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;
const INTERRUPTED_CODE = 130;

/** Somebody wants it to end. */
export class Interrupted extends Error {
  readonly exitCode = INTERRUPTED_CODE;
}

/** Aborts at the first Ctrl-C; at a later one kills all that we started. */
export function listenForInterruption(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      controller.abort(new Interrupted("Interrupted."));
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
      void descendantsOf(process.pid).then((family) => {
        killAll(family);
        process.exit(INTERRUPTED_CODE);
      });
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, onSignal);
  return controller.signal;
}
