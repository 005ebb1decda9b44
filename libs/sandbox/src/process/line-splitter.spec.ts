import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { cutMark, LineSplitter } from "./line-splitter.js";

function split(
  text: string,
  chunkBytes: number,
  maxLineBytes = 1_000_000,
): string[] {
  const splitter = new LineSplitter(maxLineBytes);
  const bytes = Buffer.from(text);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    lines.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  return [...lines, ...splitter.flush()];
}

describe("the line splitter", () => {
  test("gives the same lines however the stream was cut into chunks", () => {
    const line = fc
      .string({ unit: "grapheme" })
      .map((text) => text.replaceAll(/[\r\n]/g, ""));
    fc.assert(
      fc.property(
        fc.array(line),
        fc.integer({ min: 1, max: 9 }),
        (lines, chunkBytes) => {
          const text = lines.map((one) => `${one}\n`).join("");
          expect(split(text, chunkBytes)).toEqual(lines);
        },
      ),
    );
  });

  test("drops the carriage return of a Windows line end", () => {
    expect(split("a\r\nb\r\nc", 2)).toEqual(["a", "b", "c"]);
  });

  test("cuts a long line at a character, marks it, and goes on with the next", () => {
    const lines = split(`${"ä".repeat(100)}\nnext\n`, 7, 15);
    expect(lines).toEqual(["ä".repeat(7) + cutMark(200), "next"]);
  });

  test("marks a long line that lies within one chunk", () => {
    expect(split(`${"x".repeat(50)}\nnext\n`, 1_000, 10)).toEqual([
      "x".repeat(10) + cutMark(50),
      "next",
    ]);
  });

  test("keeps a line of exactly the allowed length whole", () => {
    expect(split(`${"x".repeat(10)}\n`, 3, 10)).toEqual(["x".repeat(10)]);
  });
});
