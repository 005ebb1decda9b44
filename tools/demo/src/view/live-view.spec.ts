import type { RunShape } from "@pullwright/contracts";
import { afterEach, expect, test } from "@jest/globals";
import { LiveView } from "./live-view.js";
import type { LogLine } from "../installation/pullwright-client.js";
import { noColours } from "./paint.js";
import type { View } from "./view.js";

/** What a terminal shows after all that was written; it knows no more than the view uses. */
class Terminal {
  readonly columns = 60;
  #lines = [""];
  #row = 0;
  cursorHidden = false;

  write(text: string): void {
    for (const [part = ""] of text.matchAll(
      /\u001B\[\??\d*[a-zA-Z]|\r|\n|[^\u001B\r\n]+/g,
    ))
      this.#read(part);
  }

  get screen(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  #read(part: string): void {
    if (part === "\n") this.#lines[++this.#row] ??= "";
    else if (part === "\r") return;
    else if (part === "\u001B[J") this.#lines.splice(this.#row, Infinity, "");
    else if (part === "\u001B[?25l") this.cursorHidden = true;
    else if (part === "\u001B[?25h") this.cursorHidden = false;
    else if (part.endsWith("A")) this.#row -= Number(part.slice(2, -1));
    else this.#lines[this.#row] = (this.#lines[this.#row] ?? "") + part;
  }
}

const run = (status: string): RunShape =>
  ({
    waiting: null,
    phases: [
      {
        phase: "plan",
        status,
        started_at: null,
        error: null,
        round: 1,
        summary: null,
      },
    ],
  }) as unknown as RunShape; // only what the view reads
const entry = (message: string) =>
  ({ phase: "plan", level: "INFO", message }) as LogLine; // the same

let view: View | undefined;
afterEach(() => view?.close());

test("the picture is drawn over itself, and what is printed stands above it", () => {
  const terminal = new Terminal();
  view = new LiveView(terminal, noColours);
  expect(terminal.cursorHidden).toBe(true);
  view.run(run("running"));
  view.note("first");
  view.log(entry("reading"));
  view.note("second");
  expect(terminal.screen).toEqual([
    " · first",
    " · second",
    "",
    expect.stringMatching(/^ \S plan +running$/),
    "",
    " │ reading",
    "",
  ]);
});

test("at the end the phases stay, the agent's words go and the cursor comes back", () => {
  const terminal = new Terminal();
  view = new LiveView(terminal, noColours);
  view.run(run("succeeded"));
  view.log(entry("reading"));
  view.note("a note");
  view.close();
  view.print(["the result"]);
  expect(terminal.screen).toEqual([
    " · a note",
    "",
    expect.stringMatching(/^ ✔ plan +succeeded$/),
    "",
    "the result",
    "",
  ]);
  expect(terminal.cursorHidden).toBe(false);
});
