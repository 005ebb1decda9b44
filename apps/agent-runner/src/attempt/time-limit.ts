import { Deadline } from "@pullwright/platform";

/**
 * How long an attempt may work, all its turns and commands together: an agent that has to settle a conflict goes on with what
 * its first turn left. The time begins with the first question, since to clone a large repository is our work and not the phase's.
 */
export class TimeLimit {
  #deadline: Deadline | undefined;

  constructor(private readonly limitMs: number) {}

  get remainingMs(): number {
    this.#deadline ??= Deadline.after(this.limitMs);
    return this.#deadline.remainingMs;
  }
}
