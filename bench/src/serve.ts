/** What the bench asks of a program that plays runs of four steps. */
export type Command =
  | { readonly play: "one" }
  | {
      readonly play: "many";
      readonly count: number;
      readonly inFlight: number;
    };

/** Plays one run and answers when it is over. */
export type PlayRun = () => PromiseLike<void>;

/** Answers milliseconds for one run, runs per second for many; ends with whoever started it. */
export function servePlays(play: PlayRun, end: () => void): void {
  process.on("message", (command: Command) => {
    measure(command, play).then(
      (value) => process.send?.(value),
      (error: unknown) => {
        console.error(error);
        end();
        process.exit(1);
      },
    );
  });
  serveReady({}, end);
}

/** Says that the program is ready. */
export function serveReady(ready: object, end: () => void): void {
  process.once("disconnect", () => {
    end();
    process.exit(0);
  });
  process.send?.(ready);
}

async function measure(command: Command, play: PlayRun): Promise<number> {
  const startedAt = performance.now();
  if (command.play === "one") {
    await play();
    return performance.now() - startedAt;
  }
  let left = command.count;
  await Promise.all(
    Array.from({ length: command.inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        await play();
      }
    }),
  );
  return command.count / ((performance.now() - startedAt) / 1_000);
}

/** A setting that the bench always gives. */
export function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is missing`);
  return value;
}

/** As wide as the product's in the same bench. */
export const POOL_SIZE = 10;
export const CONCURRENCY = 50;
