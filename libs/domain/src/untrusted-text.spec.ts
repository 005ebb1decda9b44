import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseComment } from "./command/parse-comment.js";
import { parseTriggerLabel } from "./command/trigger-label.js";
import { classifyIssue } from "./issue/classify-issue.js";
import { branchName } from "./naming/run-names.js";

const SIZE = 256 * 1024;

/** Text that is cheap to send and dear to match for a pattern that backtracks; far longer than GitHub accepts. */
const hostile = [
  "![",
  "<!--",
  "[](a  ",
  " ",
  "\t\n",
  "\r\n",
  "/",
  "/adw ",
  "/adw\u00a0",
  "--a=",
  "(",
  "fix(",
  "[bug",
  "kind/",
  "type: ",
  "`",
  "> ",
  "\u200b",
  "\u202e",
  "\u{e0041}",
  "\ud800",
  "a\u0301\u0301",
  "ﷺ",
].map((piece) => piece.repeat(Math.ceil(SIZE / piece.length)));

const heads = ["", "/adw ", "/retry ", "/continue +", "fix(", "adw:", "kind:"];

function read(text: string): void {
  parseComment(text);
  parseTriggerLabel(text);
  classifyIssue({ title: text, labels: [text] });
  branchName({ issueNumber: 1, adwId: "abcd2345", title: text });
}

/** CPU time, the best of three: a busy machine does not fail the test, and what backtracks takes seconds and more. */
function bestMs(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe("text from strangers", () => {
  it.each(hostile.map((text) => [text.slice(0, 8), text]))(
    "is read in linear time: 256 KB of %j",
    (_piece, text) => {
      for (const head of heads)
        expect(bestMs(() => read(`${head}${text}`))).toBeLessThan(50);
    },
  );

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...heads),
        fc.string({ unit: "binary", maxLength: 300 }),
        (head, tail) => read(head + tail),
      ),
    );
  });

  it("is no command unless the first line that is not blank begins with one", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
        (words) => {
          fc.pre(words.trim() !== "" && !words.trimStart().startsWith("/"));
          expect(parseComment(`${words}\n/adw`)).toBeNull();
          expect(parseComment(`${words} /adw`)).toBeNull();
        },
      ),
    );
  });

  it.each([
    ["a quote", "> /adw adw_build"],
    ["a quote inside a quote", "> > /adw"],
    ["a reply below a quote", "> please run it\n\n/adw"],
    ["a fenced code block", "```\n/adw\n```"],
    ["a fenced code block with tildes", "~~~sh\n/adw\n~~~"],
    ["code in a line", "`/adw`"],
    ["an indented code block", "    /adw"],
    ["a code block indented by a tab", "\t/adw"],
    ["a list", "- /adw"],
    ["a hidden comment", "<!--\n/adw\n-->"],
    ["a collapsed block", "<details>\n/adw\n</details>"],
    ["the end of an e-mail reply", "Thanks!\n\n/adw"],
    ["look-alike letters", "/аdw"],
    ["a full-width slash", "／adw"],
    ["invisible letters", "/\u200badw"],
    ["letters after it", "/adw\u200b"],
    ["a byte order mark", "\ufeff/adw"],
    ["another case", "/ADW"],
  ])("is no command in %s", (_where, body) => {
    expect(parseComment(body)).toBeNull();
  });

  it("cannot bring a line of its own into a command's name or option", () => {
    expect(parseComment("/adw adw_plan\n--budget 100")).toMatchObject({
      workflow: "adw_plan",
      budgetUsd: null,
    });
    for (const body of [
      "/adw adw_plan\u2028--budget 100",
      "/adw ../../etc",
      "/adw --agent ../bin/sh",
      "/adw --model -rf",
      "/adw __proto__",
      "/adw --__proto__ x",
      "/adw --constructor x",
      "/adw --budget 1e9",
      "/adw --budget Infinity",
      "/adw --budget -5",
    ])
      expect(parseComment(body)).toHaveProperty("mistake");
  });
});
