import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { normaliseTitle, normaliseUntrusted } from "./normalise.js";

const markdown = (raw: string, maxLength = 65_536) =>
  normaliseUntrusted(raw, { where: "body", maxLength, markdown: true });
const kinds = (raw: string) =>
  markdown(raw).findings.map((finding) => finding.kind);

describe("what a reader of the page does not see", () => {
  it.each([
    ["a comment", "Hi <!-- CANARY --> there", "html_comment"],
    ["a comment over lines", "Hi <!--\nCANARY\n--> there", "html_comment"],
    ["a comment that never ends", "Hi <!-- CANARY", "html_comment"],
    [
      "a comment with a broken start",
      "Hi <!\u200B-- CANARY -->",
      "html_comment",
    ],
    [
      "a comment inside a comment's start",
      "Hi <!-<!-- -->- CANARY -->".replace("CANARY", "<!-- CANARY -->"),
      "html_comment",
    ],
    [
      "a collapsed block",
      "<details><summary>Log</summary>CANARY</details>",
      "collapsed_block",
    ],
    [
      "a nested collapsed block",
      "<details>a<details>b</details>CANARY</details>",
      "collapsed_block",
    ],
    [
      "a collapsed block that never ends",
      "x\n<DETAILS class=a>\nCANARY",
      "collapsed_block",
    ],
    [
      "an alternative text",
      "![CANARY](https://example.com/a.png)",
      "hidden_text",
    ],
    ["an alternative text by reference", "![CANARY][logo]", "hidden_text"],
    ["a title of an image", '![](a.png "CANARY")', "hidden_text"],
    [
      "a title of a link",
      "[docs](https://example.com 'CANARY')",
      "hidden_text",
    ],
    [
      "a title in brackets",
      "[docs](<https://example.com> (CANARY))",
      "hidden_text",
    ],
    [
      "a title with a bracket in it",
      '[docs](https://example.com "a ) CANARY")',
      "hidden_text",
    ],
    ["a definition that is a comment", "[//]: # (CANARY)", "hidden_text"],
    [
      "a title of a definition",
      '[docs]: https://example.com "CANARY"',
      "hidden_text",
    ],
    [
      "a title of a definition on its own line",
      '[docs]: https://example.com\n  "CANARY"',
      "hidden_text",
    ],
    ["an attribute", '<img src="a.png" alt="CANARY">', "hidden_text"],
    [
      "a title attribute over lines",
      '<abbr\n title="CANARY">x</abbr>',
      "hidden_text",
    ],
    [
      "tag characters",
      `Hi ${Array.from("CANARY")
        .map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)))
        .join("")}`,
      "tag_characters",
    ],
  ])("is taken out and named: %s", (_, raw, kind) => {
    expect(markdown(raw).text).not.toContain("CANARY");
    expect(kinds(raw)).toContain(kind);
  });

  it.each([
    ["zero-width characters", "ig\u200Bno\u2060re", "ignore", "zero_width"],
    ["direction marks", "a\u202Eb\u2066c\u200F", "abc", "bidi"],
    ["control characters", "a\0b\u0007c\u009B", "abc", "control_characters"],
    [
      "terminal sequences",
      "\u001B[31mred\u001B[0m \u001B]0;title\u0007x",
      "red x",
      "control_characters",
    ],
  ])("is taken out and named: %s", (_, raw, text, kind) => {
    expect(markdown(raw)).toEqual({
      text,
      findings: [expect.objectContaining({ kind, where: "body" })],
    });
  });

  it("leaves look-alike letters, but names them", () => {
    expect(markdown("the \u0430dmin account")).toMatchObject({
      text: "the \u0430dmin account",
      findings: [{ kind: "mixed_script", count: 1 }],
    });
  });
});

describe("what a reader does see", () => {
  it.each([
    "Call `Map<string, number>` and `Promise<Array<T>>` with <T extends object>.",
    "[docs](https://example.com/a_(b)) and [more][docs] and <https://example.com>",
    "[docs]: https://example.com\n\n[^1]: A footnote is shown.",
    "if (a < b && c > d) { list[i](x) }",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "Use `<details>` for long logs.",
    "<details open>\nshown\n</details>",
    "Привет, 世界, ναι, 👍🏽",
    "![](a.png)",
  ])("stays as it is: %s", (raw) => {
    expect(markdown(raw)).toEqual({ text: raw, findings: [] });
  });

  it("keeps the summary of a collapsed block and says what is gone", () => {
    expect(
      markdown("<details><summary>Stack trace</summary>at x</details> Thanks.")
        .text,
    ).toBe('[collapsed block "Stack trace" removed, 43 characters] Thanks.');
  });

  it("does not make findings of honest emoji", () => {
    expect(kinds("👩‍👩‍👧 ❤️")).toEqual([]);
  });

  it("leaves a log as it is but for its control characters", () => {
    const log = '<!-- expected --> <img alt="x"> ![a](b)';
    expect(
      normaliseUntrusted(`\u001B[31m${log}`, {
        where: "log",
        maxLength: 999,
        markdown: false,
      }).text,
    ).toBe(log);
  });
});

describe("sizes", () => {
  it("caps a text and says by how much", () => {
    const { text, findings } = markdown("a".repeat(100), 10);
    expect(text).toBe("aaaaaaaaaa\n[90 characters left out]");
    expect(findings).toEqual([{ where: "body", kind: "truncated", count: 90 }]);
  });

  it("keeps the end of a log", () => {
    const log = `${"x".repeat(100)}FAILED`;
    const { text } = normaliseUntrusted(log, {
      where: "log",
      maxLength: 6,
      keep: "end",
      markdown: false,
    });
    expect(text).toBe("[100 characters left out]\nFAILED");
  });

  it("makes one line of a title, whatever it holds", () => {
    const { text } = normaliseTitle(
      `--flag $(rm -rf ~) \`id\`\r\nSecond\0 line ${"x".repeat(256 * 1024)}`,
    );
    expect(text).toMatch(
      /^--flag \$\(rm -rf ~\) `id` Second line x+ \[\d+ characters left out\]$/,
    );
    expect(text.length).toBeLessThan(320);
  });

  it("gives text that can be stored, and no comment, whatever comes in", () => {
    const pieces = fc.constantFrom(
      "<!--",
      "-->",
      "<!",
      "--",
      "](",
      "![",
      '"',
      " ",
      "\n",
      "<details>",
      "</details>",
      "<a title=",
      ">",
      "[x]: ",
      "\u200B",
      "`",
      "a",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 60 }).map((list) => list.join("")),
          fc.string({ unit: "binary" }),
        ),
        (raw) => {
          const { text } = markdown(raw);
          expect(text).not.toContain("<!--");
          expect(text).not.toMatch(/[\0\p{Surrogate}\u200B\u202E]/u);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("texts made to be slow", () => {
  const repeat = (unit: string) => (length: number) =>
    unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const pathological: Record<string, (length: number) => string> = {
    "image starts": repeat("!["),
    "comment starts": repeat("<!--"),
    "comment starts that almost end": repeat("<!--->--"),
    "links into blanks": (length) =>
      `${repeat("[](a")(length / 2)}${" ".repeat(length / 2)}`,
    "link starts": repeat("]("),
    "links with open titles": repeat('[](a "'),
    details: repeat("<details>"),
    "details with summaries": repeat("<details><summary>"),
    "element starts": repeat("<a "),
    "one endless element": (length) => `<a ${repeat("alt ")(length)}`,
    definitions: repeat("[a]: b\n"),
    "definition starts": repeat("\n["),
    "blank lines": repeat("\n \t"),
    "terminal sequences": repeat("\u001B["),
    "terminal titles": repeat("\u001B]a"),
    "zero-width characters": repeat("\u200B"),
    "combining marks": repeat("a\u0300\u0315"),
    tokens: repeat("eyJ"),
    "mixed words": repeat("a\u0430"),
    "one long line of quotes": repeat("'\"("),
  };

  const SIZE = 65_536;
  const GROWTH = 16;

  /** CPU time in milliseconds: unlike the clock on the wall it knows nothing of a busy machine. */
  const timed = (raw: string, enoughMs = 0) => {
    let best = Infinity;
    for (let run = 0; run < 5 && best > enoughMs; run++) {
      const start = process.cpuUsage();
      markdown(raw, raw.length);
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, (user + system) / 1000);
    }
    return best;
  };

  it.each(Object.entries(pathological))(
    "take time in step with their length: %s",
    (_, make) => {
      const small = timed(make(SIZE));
      expect(small).toBeLessThan(50);
      // Linear is 16 times the work, quadratic 256. Below half a millisecond the measure says nothing.
      const mostMs = Math.max(small, 0.5) * 4 * GROWTH;
      expect(timed(make(GROWTH * SIZE), mostMs)).toBeLessThan(mostMs);
    },
  );
});
