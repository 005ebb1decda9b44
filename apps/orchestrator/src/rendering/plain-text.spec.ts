import { describe, expect, test } from "@jest/globals";
import { bestCpuMs } from "@pullwright/testing";
import { fenced } from "./fence.js";
import { clip, inline, plainTitle } from "./plain-text.js";

describe("strangers' text on one line", () => {
  test.each([
    ["a mention", "thanks @acme/team", /@(?=acme)/],
    ["a closing keyword", "fixes #12 and closes GH-3", /#1|GH-3/],
    ["a closing address", "Closes https://github.com/a/b/issues/1", /Closes/],
    ["HTML", "<img src=x onerror=alert(1)><!-- x -->", /</],
    ["an image", "![x](http://evil/pixel.png)", /!\[x\]\(/],
    ["a table's border", "a | b", /[^\\]\|/],
    ["line ends", "a\n# b\r\n- c", /[\r\n]/],
    ["bidirectional marks", "a\u202eb\u2066c", /[\u202e\u2066]/],
    ["zero-width and tag characters", "a\u200b\u{e0041}b", /\u200b|\u{e0041}/u],
    ["math", "$\\color{red}x$", /[^\\]\$/],
  ])("keeps nothing of %s", (_what, text, forbidden) => {
    expect(inline(text, [])).not.toMatch(forbidden);
  });

  test("hides secrets, those told and those that look like one", () => {
    const text = `the key hunter2hunter2 and ghp_${"a".repeat(36)}`;
    const shown = inline(text, ["hunter2hunter2"]);
    expect(shown).not.toContain("hunter2");
    expect(shown).not.toContain("aaaa");
  });

  test.each([
    ["in base64", Buffer.from("x hunter2hunter2hunter2").toString("base64")],
    ["backwards", Array.from("hunter2hunter2hunter2").reverse().join("")],
  ])("is withheld as a whole with a secret %s", (_how, disguised) => {
    expect(inline(`so ${disguised} it is`, ["hunter2hunter2hunter2"])).toMatch(
      /withheld/,
    );
  });

  test("stays readable: letters and digits are as they were", () => {
    expect(inline("Totals are off by 1 cent, ça va?", [])).toBe(
      "Totals are off by 1 cent, ça va?",
    );
  });

  test("takes linear time, whatever it is given", () => {
    for (const piece of ["![", "<!--", "fixes ", "@", "#1", "\u200b", "clos: "])
      expect(
        bestCpuMs(() => inline(piece.repeat(100_000), [], 60_000)),
      ).toBeLessThan(500);
  });
});

describe("a title", () => {
  test("is one line of at most 200 characters that closes nothing when it becomes a commit", () => {
    const title = plainTitle(`fix: @all closes #1\n${"x".repeat(300)}`, []);
    expect(title.length).toBeLessThanOrEqual(200);
    expect(title).not.toMatch(/@all|#1|\n/);
    expect(title).toMatch(/^fix: /);
  });

  test("is cut between characters", () => {
    expect(clip("😀😀", 2)).toBe("…");
    expect(clip("ab😀", 4)).toBe("ab😀");
  });
});

describe("a fence", () => {
  test.each(["```\n<script>", "````````", "~~~\n```\n# out"])(
    "is not left by %j",
    (content) => {
      const text = fenced(content, [], { maxLength: 1_000 });
      const [fence = ""] = /^`+/.exec(text) ?? [];
      expect(text.endsWith(`\n${fence}`)).toBe(true);
      expect(text.slice(fence.length, -fence.length)).not.toContain(fence);
    },
  );

  test("keeps the end of long output, and its beginning when asked", () => {
    const long = `first${"x".repeat(100)}last`;
    expect(fenced(long, [], { maxLength: 20 })).toMatch(/cut\)\nx+last\n/);
    expect(fenced(long, [], { maxLength: 20, keep: "head" })).toMatch(
      /\nfirstx+\n… \(cut/,
    );
  });
});
