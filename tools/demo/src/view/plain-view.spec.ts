import type { RunShape } from "@pullwright/contracts";
import { expect, test } from "@jest/globals";
import type { LogLine } from "../installation/pullwright-client.js";
import { PlainView } from "./plain-view.js";

const at = "2026-01-01T10:00:00.000Z";
const run = (...phases: Partial<RunShape["phases"][number]>[]) =>
  ({
    waiting: null,
    phases: phases.map((phase) => ({
      phase: "plan",
      status: "pending",
      started_at: null,
      completed_at: null,
      error: null,
      round: 1,
      summary: null,
      ...phase,
    })),
  }) as unknown as RunShape; // only what the view reads
const entry = (message: string, level = "INFO") =>
  ({ phase: "plan", level, message, seq: 1 }) as LogLine; // the same

function record() {
  const lines: string[] = [];
  const view = new PlainView(
    (text) => lines.push(text),
    () => new Date("2026-01-01T10:00:02.500Z"),
  );
  return { view, lines };
}

test("each change of a phase is one line with its time, told once", () => {
  const { view, lines } = record();
  view.note("hello");
  const running = run({ status: "running", started_at: at }, {});
  view.run(running);
  view.run(running);
  view.run(
    run({
      status: "succeeded",
      started_at: at,
      completed_at: "2026-01-01T10:00:01.500Z",
      summary: "A plan",
    }),
  );
  expect(lines).toEqual([
    "10:00:02 hello\n",
    "10:00:02 plan: running\n",
    "10:00:02 plan: succeeded after 1.5 s: A plan\n",
  ]);
});

test("some of an agent's words are shown, and then it is said that there are more", () => {
  const { view, lines } = record();
  view.log(entry("thinking", "DEBUG"));
  view.log(entry("  "));
  for (let n = 1; n <= 30; n++) view.log(entry(`word ${n}\u001B[2J`));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("10:00:02   plan | word 1\n");
  expect(lines[9]).toBe("10:00:02   plan | … more in the log\n");
});
