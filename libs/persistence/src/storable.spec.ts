import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { storable, toJson } from "./storable.js";

/** Backslashes, escapes that only look like some, NUL and halves of pairs, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\\",
        "\\u0000",
        "\\ud800",
        "u0000",
        '"',
        "\0",
        "\ud83d",
        "\ude00",
        "😀",
        "\u001b",
      ),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join(""));

/** In UTF-8 there are no halves. */
const cleaned = (text: string) =>
  Buffer.from(text).toString().replaceAll("\0", "\u2400");

describe("what is given to Postgres", () => {
  it("loses NUL and halves of surrogate pairs in JSON, in keys as in values, and nothing else", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(JSON.parse(toJson({ [`k${text}`]: [text] }))).toEqual({
          [`k${cleaned(text)}`]: [cleaned(text)],
        });
      }),
    );
  });

  it("loses NUL in texts, also inside of lists", () => {
    expect(storable(["a\0b", ["c\0", null], "\\u0000"])).toEqual([
      "a\u2400b",
      ["c\u2400", null],
      "\\u0000",
    ]);
  });

  it("is left as it is where the driver knows better", () => {
    const values = [new Date(0), Buffer.from([0]), 1, true, null, undefined];
    storable(values).forEach((value, index) =>
      expect(value).toBe(values[index]),
    );
  });
});
