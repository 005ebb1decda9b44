import { afterAll, beforeAll, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  aTrigger,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { AttemptRef } from "./attempt-ref.js";
import { toLogBatch } from "./log-batch.js";
import type { LogLine } from "./log-line.js";

/** Longer than the properties take. */
const lasting = { leaseMs: 600_000 };

let sut: StoresUnderTest;
let attempt: AttemptRef & { adwId: string; phase: string };
let written = 0;

beforeAll(async () => {
  sut = await storesOnAClone();
  const claimed = await sut.claimed(await sut.createRun(), lasting);
  attempt = { ...claimed.attempt, adwId: claimed.run.adwId, phase: "classify" };
});
afterAll(() => sut.close());

/** Writes the lines and reads them back. */
async function roundTrip(lines: readonly LogLine[]) {
  await sut.stores.logs.append(attempt, toLogBatch(lines));
  const after = written;
  written += lines.length;
  return sut.stores.logs.page(attempt.runId, { after, limit: 500 });
}

const at = new Date("2026-11-21T01:02:03.456Z");
const line = (
  message: string,
  context?: Readonly<Record<string, unknown>>,
): LogLine => ({
  at,
  level: "INFO",
  message,
  ...(context === undefined ? {} : { context }),
});

it("keeps every text as it is, whatever it means in an array literal", async () => {
  const texts = [
    "",
    " ",
    "NULL",
    "null",
    "{}",
    "}",
    ",",
    "a,b",
    '"',
    '\\"',
    "\\",
    "\\\\",
    "a\nb\tc\r",
    "Grüße, 世界 🙂",
    '{"a":[1]}',
    "'; DROP TABLE runs; --",
  ];
  const entries = await roundTrip(texts.map((text) => line(text)));
  expect(entries.map(({ message }) => message)).toEqual(texts);
  expect(
    entries.every(
      ({ phase, level, context }) =>
        phase === "classify" && level === "INFO" && context === null,
    ),
  ).toBe(true);
  expect(entries[0]?.at).toEqual(at);
});

it("shows a NUL, which Postgres does not keep, as its symbol", async () => {
  const [entry] = await roundTrip([line("a\0b", { text: "c\0d" })]);
  expect(entry).toMatchObject({ message: "a␀b", context: { text: "c␀d" } });
});

it("keeps contexts beside lines that have none", async () => {
  const context = {
    path: 'C:\\temp\\"x"',
    list: [1, null, "a,b"],
    nested: { empty: {} },
  };
  const entries = await roundTrip([
    line("without"),
    line("with", context),
    line("without"),
  ]);
  expect(entries.map((entry) => entry.context)).toEqual([null, context, null]);
});

it("keeps any lines in their order, each with its own time and level", async () => {
  const anyLine = fc.record({
    at: fc.date({
      min: new Date(0),
      max: new Date("2100-01-01"),
      noInvalidDate: true,
    }),
    level: fc.constantFrom("DEBUG", "INFO", "WARNING", "ERROR"),
    message: fc.string({ unit: "grapheme", maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLine, { minLength: 1, maxLength: 40 }),
      async (lines) => {
        const entries = await roundTrip(lines);
        expect(
          entries.map(({ at, level, message }) => ({ at, level, message })),
        ).toEqual(
          lines.map((one) => ({
            ...one,
            message: one.message.replaceAll("\0", "␀"),
          })),
        );
      },
    ),
    { numRuns: 50 },
  );
});

it("commits an attempt's last lines with its result, and drops those of a late one", async () => {
  const answer = await sut.stores.creation.create(aTrigger(sut.repository));
  if (answer.kind !== "created") throw new Error(answer.kind);
  const runId = answer.run.id;
  const claimed = await sut.stores.attempts.claim({
    phaseRunId: answer.run.phaseRows[0]?.id ?? "",
    owner: "spec",
    leaseMs: 600_000,
  });
  if (claimed === null) throw new Error("not claimed");
  const ref = {
    ...claimed.attempt,
    adwId: claimed.run.adwId,
    phase: "classify",
  };
  await sut.stores.logs.append(ref, [line("first")]);
  const result = { outcome: "succeeded", summary: "", usage: null } as const;
  const last = toLogBatch([line("second"), line("third", { n: 3 })]);
  const finished = await sut.stores.attempts.finish(
    claimed.attempt,
    result,
    {},
    last,
  );
  if (finished.kind !== "applied") throw new Error(finished.kind);
  expect(finished.live[0]).toMatchObject({
    type: "log.appended",
    fromSeq: 2,
    toSeq: 3,
    lines: [{ phase: "classify", text: "second" }, { text: "third" }],
  });
  const late = await sut.stores.attempts.finish(
    claimed.attempt,
    result,
    {},
    last,
  );
  expect(late.kind).toBe("refused");
  const entries = await sut.stores.logs.page(runId, { after: 0, limit: 10 });
  expect(
    entries.map(({ seq, message, phase }) => [seq, message, phase]),
  ).toEqual([
    [1, "first", "classify"],
    [2, "second", "classify"],
    [3, "third", "classify"],
  ]);
});

it("records a result although the run has moved since the claim", async () => {
  const claimed = await sut.claimed(await sut.createRun(), lasting);
  await sut.stores.transitions.apply(claimed.run.id, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by: { actor: "ada" },
  });
  const finished = await sut.stores.attempts.finish(claimed.attempt, {
    outcome: "succeeded",
    summary: "",
    usage: null,
  });
  expect(finished).toMatchObject({
    kind: "applied",
    run: { state: { status: "cancelled" } },
  });
});

it("rings once for changes of a status that come together", async () => {
  const answer = await sut.stores.creation.create(aTrigger(sut.repository));
  if (answer.kind !== "created") throw new Error(answer.kind);
  const rung = (doorbells: readonly { name: string }[]) =>
    doorbells.filter(({ name }) => name === "effect.due").length;
  expect(rung(answer.doorbells)).toBe(2);
  const { announce } = await sut.claimed(answer.run, lasting);
  // The comment's and the labels' rings are on their way already; the commit status is new.
  expect(rung(announce.doorbells)).toBe(1);
});
