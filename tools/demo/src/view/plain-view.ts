import type { RunShape } from "@pullwright/contracts";
import type { LogLine } from "../installation/pullwright-client.js";
import { duration } from "./amounts.js";
import { LogSample } from "./log-sample.js";
import {
  phaseMs,
  phaseName,
  phaseWords,
  type PhaseShape,
} from "./phase-rows.js";
import type { View } from "./view.js";

const LINES_A_PHASE = 10;

/** One line after the other, each with its time: for pipes, files and CI. */
export class PlainView implements View {
  readonly #sample = new LogSample(LINES_A_PHASE);
  readonly #told = new Map<string, string>();
  #waiting: string | null = null;

  constructor(
    private readonly write: (text: string) => unknown,
    private readonly now: () => Date = () => new Date(),
  ) {}

  note(text: string): void {
    this.#line(text);
  }

  run(run: RunShape): void {
    for (const phase of run.phases) this.#phase(phase);
    const waiting = run.waiting?.message ?? null;
    if (waiting !== null && waiting !== this.#waiting)
      this.#line(`waiting: ${waiting}`);
    this.#waiting = waiting;
  }

  log(line: LogLine): void {
    const chosen = this.#sample.take(line);
    if (chosen !== undefined) this.#line(`  ${chosen.phase} | ${chosen.text}`);
  }

  print(lines: readonly string[]): void {
    this.write(`${lines.join("\n")}\n`);
  }

  close(): void {
    // Nothing was changed.
  }

  #phase(phase: PhaseShape): void {
    const name = phaseName(phase);
    const { status } = phase;
    if (status === "pending" || status === "queued") return;
    if (this.#told.get(name) === status) return;
    this.#told.set(name, status);
    const took = phaseMs(phase, this.now());
    const words = phaseWords(phase);
    this.#line(
      status === "running"
        ? `${name}: running`
        : `${name}: ${status}${took === undefined ? "" : ` after ${duration(took)}`}${words === status ? "" : `: ${words}`}`,
    );
  }

  #line(text: string): void {
    this.write(`${this.now().toISOString().slice(11, 19)} ${text}\n`);
  }
}
