import { expect, test } from "@jest/globals";
import { readArguments } from "./arguments.js";

test("without options the scripted agent runs and nothing is kept", () => {
  expect(readArguments([])).toEqual({
    kind: "run",
    agent: "scripted",
    keep: false,
  });
});

test("an agent may be chosen and everything may be kept", () => {
  expect(readArguments(["--keep", "--agent", "codex"])).toEqual({
    kind: "run",
    agent: "codex",
    keep: true,
  });
});

test.each([["--help"], ["-h"], ["--keep", "--help"]])(
  "%s asks for help",
  (...argv) => {
    expect(readArguments(argv)).toEqual({ kind: "help" });
  },
);

test.each([
  [["--agent", "hal"], /must be scripted, claude, codex, not "hal"/],
  [["--agent"], /--agent/],
  [["--forever"], /--forever/],
  [["now"], /now/],
])("%j is refused with a reason", (argv, reason) => {
  expect(readArguments(argv)).toMatchObject({
    kind: "refused",
    reason: expect.stringMatching(reason),
  });
});
