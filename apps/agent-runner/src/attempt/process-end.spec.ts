import { expect, it } from "@jest/globals";
import type { ProcessResult } from "@pullwright/sandbox";
import { describeEnd, insistOnEnd, ProcessesLeft } from "./process-end.js";

const cancelled: ProcessResult = {
  endedBy: "cancelled",
  ok: false,
  exitCode: null,
  signal: "SIGKILL",
  timedOut: false,
  silent: false,
  cancelled: true,
  outputCapped: false,
  outOfMemory: false,
  tooManyProcesses: false,
  spawnFailed: false,
  forced: true,
  durationMs: 12.3,
  stdoutBytes: 0,
  stderrBytes: 0,
  cutLines: 0,
  stderrTail: "",
  tree: { seen: 4, ended: 4, survivors: [] },
};
const left = { seen: 4, ended: 4, survivors: [41, 42] };

it("the end of a whole process tree is told with its proof", () => {
  expect(describeEnd("command", cancelled)).toEqual({
    level: "INFO",
    message:
      "command process ended (cancelled, exit code SIGKILL) after 12 ms; 4 processes seen, 4 ended, 0 left",
  });
  expect(() => insistOnEnd(cancelled.tree)).not.toThrow();
});

it("processes that outlived every SIGKILL are named, and nobody goes on as if they had ended", () => {
  expect(describeEnd("agent", { ...cancelled, tree: left })).toMatchObject({
    level: "ERROR",
    message: expect.stringMatching(/, 2 left: 41, 42$/),
  });
  expect(() => insistOnEnd(left)).toThrow(ProcessesLeft);
  expect(() => insistOnEnd(left)).toThrow(/could not be killed.*: 41, 42\./);
});
