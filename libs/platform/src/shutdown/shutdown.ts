import type { Logger } from "../logging/logger.js";
import { withTimeout } from "../time/with-timeout.js";

/** Closes one thing. The signal aborts when its time is over. */
export type ShutdownHook = (signal: AbortSignal) => Promise<unknown>;

/** How a process ends. */
export interface Shutdown {
  /** Aborts when the end begins. */
  readonly signal: AbortSignal;
  /** Adds a hook. Hooks run one after the other, last added first, as things depend on what was opened before them. */
  add(
    name: string,
    hook: ShutdownHook,
    options?: { readonly deadlineMs?: number },
  ): void;
  /** Runs all hooks once; later calls get the same promise. Tells whether all ended well and in time. */
  run(reason: string): Promise<boolean>;
  /**
   * Ends the process gracefully at the first SIGTERM or SIGINT, at once at the second; and at once, with a line in the log
   * that holds no secret, at an exception that nobody has caught. Returns how to stop listening.
   */
  listen(): () => void;
}

interface Step {
  readonly name: string;
  readonly hook: ShutdownHook;
  readonly deadlineMs: number;
}

const DEFAULT_DEADLINE_MS = 10_000;

export interface ShutdownOptions {
  readonly logger: Logger;
  /** For tests. */
  readonly exit?: (code: number) => void;
}

/** Creates the shutdown of a process. */
export function createShutdown({
  logger,
  exit = (code) => process.exit(code),
}: ShutdownOptions): Shutdown {
  const steps: Step[] = [];
  const begun = new AbortController();
  let running: Promise<boolean> | undefined;

  const runAll = async (reason: string): Promise<boolean> => {
    logger.info({ reason }, "shutting down");
    begun.abort();
    let clean = true;
    for (let step = steps.pop(); step; step = steps.pop())
      clean = (await runStep(step, logger)) && clean;
    logger.info({ clean }, "shut down");
    return clean;
  };
  const run = (reason: string) => (running ??= runAll(reason));

  const onSignal = (signal: NodeJS.Signals) => {
    if (running) {
      logger.warn({ signal }, "second signal: exiting at once");
      exit(1);
      return;
    }
    void run(signal).then((clean) => exit(clean ? 0 : 1));
  };

  // Nobody knows what state this process is in: what it held is free when its leases end.
  const onUncaught = (error: unknown, origin: string) => {
    logger.fatal({ err: error, origin }, "uncaught exception: exiting");
    exit(1);
  };

  return {
    signal: begun.signal,
    add: (name, hook, { deadlineMs = DEFAULT_DEADLINE_MS } = {}) =>
      void steps.push({ name, hook, deadlineMs }),
    run,
    listen: () => {
      process
        .on("SIGTERM", onSignal)
        .on("SIGINT", onSignal)
        .on("uncaughtException", onUncaught);
      return () =>
        void process
          .off("SIGTERM", onSignal)
          .off("SIGINT", onSignal)
          .off("uncaughtException", onUncaught);
    },
  };
}

async function runStep(
  { name, hook, deadlineMs }: Step,
  logger: Logger,
): Promise<boolean> {
  const deadline = new AbortController();
  try {
    const work = Promise.resolve().then(() => hook(deadline.signal));
    await withTimeout(work, deadlineMs, `Closing ${name}`);
    return true;
  } catch (error) {
    deadline.abort(error);
    logger.error(
      { err: error, step: name },
      "could not close in time or without error",
    );
    return false;
  }
}
