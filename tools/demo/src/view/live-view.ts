import type { RunShape } from "@pullwright/contracts";
import type { LogLine } from "../installation/pullwright-client.js";
import { LogSample } from "./log-sample.js";
import type { Paint } from "./paint.js";
import { phaseRows } from "./phase-rows.js";
import { cut } from "./plain-text.js";
import type { View } from "./view.js";

const FRAME_MS = 100;
const LOG_LINES = 5;
const DEFAULT_COLUMNS = 80;
/** Wider lines are harder to read. */
const MAX_COLUMNS = 120;

const HIDE_CURSOR = "\u001B[?25l";
const SHOW_CURSOR = "\u001B[?25h";
const CLEAR_BELOW = "\u001B[J";
const up = (lines: number) => (lines === 0 ? "" : `\u001B[${lines}A\r`);

export interface Screen {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** A calm picture at the bottom of the terminal: the phases, and the agent's latest words below them. */
export class LiveView implements View {
  readonly #sample = new LogSample();
  readonly #timer: NodeJS.Timeout;
  #run: RunShape | undefined;
  #log: string[] = [];
  #turn = 0;
  /** Lines of the picture as it stands on the screen. */
  #height = 0;

  constructor(
    private readonly screen: Screen,
    private readonly paint: Paint,
  ) {
    screen.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  note(text: string): void {
    this.print([` ${this.paint.dim("·")} ${text}`]);
  }

  run(run: RunShape): void {
    this.#run = run;
  }

  log(line: LogLine): void {
    const chosen = this.#sample.take(line);
    if (chosen === undefined) return;
    this.#log = [...this.#log, chosen.text].slice(-LOG_LINES);
  }

  print(lines: readonly string[]): void {
    this.screen.write(
      `${up(this.#height)}${CLEAR_BELOW}${lines.map((line) => `${line}\n`).join("")}`,
    );
    this.#height = 0;
    this.#draw();
  }

  /** The phases stay, the words go. */
  close(): void {
    clearInterval(this.#timer);
    this.#log = [];
    this.#draw();
    this.#run = undefined;
    this.#height = 0;
    this.screen.write(SHOW_CURSOR);
  }

  #draw(): void {
    if (this.#run === undefined) return;
    const width = Math.min(this.screen.columns ?? DEFAULT_COLUMNS, MAX_COLUMNS);
    const { paint } = this;
    this.#turn += 1;
    const waiting = this.#run.waiting?.message;
    const lines = [
      "",
      ...phaseRows(this.#run.phases, {
        now: new Date(),
        turn: this.#turn,
        width,
        paint,
      }),
      "",
      ...(waiting === undefined
        ? []
        : [paint.yellow(cut(` waiting: ${waiting}`, width))]),
      ...this.#log.map((text) => paint.dim(cut(` │ ${text}`, width))),
    ];
    this.screen.write(`${up(this.#height)}${CLEAR_BELOW}${lines.join("\n")}\n`);
    this.#height = lines.length;
  }
}
