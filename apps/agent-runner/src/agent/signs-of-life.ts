import type { AgentEvent } from "@pullwright/contracts";
import type { Activity } from "@pullwright/sandbox";

export interface LifeRules {
  /** Lines that are no events are the agent's own words, not noise beside its events. */
  readonly speaksInLines: boolean;
  /** How much longer than the stall limit a tool may be quiet: a CLI shows a tool's output when the tool has ended. */
  readonly quietToolMs: number;
}

/** An agent that reports more tools at once than this is not believed. */
const MAX_TOOLS = 1_000;

const terminalSequence = /\x1B\[[0-?]{0,64}[ -/]{0,8}[@-~]/g;
const somethingToRead = /[^\s\p{C}]/u;

/**
 * Which of an agent's events show that it is at work. Its own events do; a line that is none of them does where the agent
 * speaks in lines or while a tool runs that it has reported, and if there is something to read in it.
 */
export class SignsOfLife {
  readonly #running = new Set<string>();

  constructor(
    private readonly activity: Pick<Activity, "touch">,
    private readonly rules: LifeRules,
  ) {}

  see(event: AgentEvent): void {
    if (event.type === "tool_started" && this.#running.size < MAX_TOOLS)
      this.#running.add(event.call_id);
    if (event.type === "tool_finished") this.#running.delete(event.call_id);
    if (event.type === "raw" && this.#isNoise(event.line)) return;
    this.activity.touch(this.#running.size > 0 ? this.rules.quietToolMs : 0);
  }

  #isNoise(line: string): boolean {
    if (!this.rules.speaksInLines && this.#running.size === 0) return true;
    return !somethingToRead.test(line.replace(terminalSequence, ""));
  }
}
