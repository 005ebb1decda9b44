/**
 * Why a process ended. `exit` means by itself, whatever its exit code or signal; all others are our doing,
 * except `spawn_failed`, where nothing ever ran.
 */
export type EndedBy =
  | "exit"
  | "timeout"
  | "silence"
  | "cancelled"
  | "output_cap"
  | "memory"
  | "processes"
  | "spawn_failed";

/** The causes for which we end a process. */
export type StopCause = Exclude<EndedBy, "exit" | "spawn_failed">;

/** Remembers the first reason to stop; later ones are consequences of it and change nothing. */
export class StopRequest {
  readonly asked: Promise<void>;
  #cause: StopCause | undefined;
  #wake: () => void = () => undefined;

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  ask(cause: StopCause): void {
    this.#cause ??= cause;
    this.#wake();
  }
}
