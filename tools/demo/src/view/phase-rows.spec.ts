import { expect, test } from "@jest/globals";
import { colours, noColours } from "./paint.js";
import { phaseRows, type PhaseShape } from "./phase-rows.js";

const phase = (over: Partial<PhaseShape>): PhaseShape => ({
  phase: "build",
  status: "pending",
  started_at: null,
  completed_at: null,
  error: null,
  error_class: null,
  round: 1,
  summary: null,
  commit_sha: null,
  reused_from: null,
  ...over,
});

const picture = {
  now: new Date("2026-01-01T00:00:09.000Z"),
  turn: 0,
  width: 60,
  paint: noColours,
};
const started_at = "2026-01-01T00:00:01.500Z";

test("each phase has a line with what it did and how long it took", () => {
  const rows = phaseRows(
    [
      phase({
        phase: "plan",
        status: "succeeded",
        summary: "A plan",
        started_at,
        completed_at: "2026-01-01T00:00:03.000Z",
      }),
      phase({ status: "running", started_at, round: 2 }),
      phase({ phase: "publish" }),
    ],
    picture,
  );
  expect(rows.map((row) => row.replaceAll(/ +/g, " ").trim())).toEqual([
    "✔ plan A plan 1.5 s",
    "⠋ build 2 running 7.5 s",
    "· publish",
  ]);
});

test("a failed phase says why", () => {
  const [row] = phaseRows(
    [
      phase({
        status: "failed",
        error: "npm test exited with 1.",
        summary: "x",
      }),
    ],
    { ...picture, paint: colours },
  );
  expect(row).toContain("npm test exited with 1.");
  expect(row).toContain("\u001B[31m");
});

test("no line is wider than the terminal, and no text can steer it", () => {
  const summary = `\u001B[2J\u001B]0;title\u0007first\r\nsecond ${"x".repeat(200)}`;
  const [row = ""] = phaseRows(
    [phase({ status: "succeeded", summary, started_at })],
    picture,
  );
  expect(Array.from(row).length).toBeLessThanOrEqual(60);
  expect(row).toContain("first second");
  expect(row).not.toMatch(/[\u0000-\u001F]/);
});
