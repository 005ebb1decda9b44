import { codeOf, messageOf } from "@pullwright/platform";
import type { Writable } from "node:stream";
import { exitCodes, type ExitCode } from "../exit-code.js";

/** Where results are printed, and what becomes of the program when they can no longer be. */
export class Output {
  readonly #lost = new AbortController();
  #isFaulty = false;

  constructor(
    private readonly stdout: Writable,
    stderr: Writable,
  ) {
    stderr.on("error", () => undefined); // There is nowhere left to say it.
    stdout.on("error", (error) => {
      if (this.lost.aborted) return;
      this.#lost.abort();
      // A reader that has enough, such as `head`, is no error.
      if (codeOf(error) === "EPIPE") return;
      this.#isFaulty = true;
      stderr.write(`What was to be printed is lost: ${messageOf(error)}\n`);
    });
  }

  /** Aborts when nothing more can be printed. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  write(text: string): void {
    if (!this.lost.aborted) this.stdout.write(text);
  }

  /** How the program ends, once all that it printed is written or lost. */
  async settle(exitCode: ExitCode): Promise<ExitCode> {
    await new Promise<void>((resolve) => {
      this.stdout.write("", () => resolve());
    });
    return this.#isFaulty && exitCode === exitCodes.ok
      ? exitCodes.unwritten
      : exitCode;
  }
}
