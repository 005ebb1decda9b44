import { expect, test } from "@jest/globals";
import type { LiveEvent, LiveEventOf } from "@pullwright/contracts";
import fc from "fast-check";
import { pack } from "./pack.js";

const runId = "0199d5a4-7a5e-7c3e-9f58-0c8b1f2a3b4c";
const changed = (eventSeq: number): LiveEvent => ({
  type: "run.changed",
  runId,
  adwId: "a1b2c3d4",
  eventSeq,
});

function logged(fromSeq: number, texts: string[]): LiveEventOf<"log.appended"> {
  const lines = texts.map((text, index) => ({
    seq: fromSeq + index,
    at: 0,
    level: "info",
    phase: null,
    text,
  }));
  return {
    type: "log.appended",
    runId,
    adwId: "a1b2c3d4",
    fromSeq,
    toSeq: fromSeq + texts.length - 1,
    lines,
  };
}

const unpack = (texts: string[]) =>
  texts.flatMap((text) => JSON.parse(text) as LiveEvent[]);

test("small events travel together", () => {
  const events = [changed(1), changed(2), changed(3)];
  const texts = pack(events, 8_000);
  expect(texts).toHaveLength(1);
  expect(unpack(texts)).toEqual(events);
});

test("nothing to tell is nothing to send", () => {
  expect(pack([], 8_000)).toEqual([]);
});

test("a line too long for any message is told of without its text", () => {
  expect(unpack(pack([logged(7, ["x".repeat(9_000)])], 8_000))).toEqual([
    { ...logged(7, ["x"]), lines: null },
  ]);
});

test("whatever the lines, no message is too long, the order stays and every line is told of once", () => {
  const batches = fc.array(
    fc.array(fc.string({ maxLength: 400, unit: "grapheme" }), {
      minLength: 1,
      maxLength: 60,
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      batches,
      fc.integer({ min: 600, max: 8_000 }),
      (texts, maxBytes) => {
        let next = 0;
        const events = texts.map((lines) => {
          const event = logged(next, lines);
          next += lines.length;
          return event;
        });
        const messages = pack(events, maxBytes);
        for (const message of messages)
          expect(Buffer.byteLength(message)).toBeLessThanOrEqual(maxBytes);
        let told = 0;
        for (const event of unpack(messages)) {
          if (event.type !== "log.appended")
            throw new TypeError("Only log lines were packed.");
          expect(event.fromSeq).toBe(told);
          if (event.lines)
            expect(event.lines.map(({ seq }) => seq)).toEqual(
              range(event.fromSeq, event.toSeq),
            );
          told = event.toSeq + 1;
        }
        expect(told).toBe(next);
      },
    ),
  );
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
