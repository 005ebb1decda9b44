import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { waitReasons } from "../run/waiting.js";
import { failureClasses } from "./failure-class.js";
import { failureMeaning } from "./failure-meaning.js";
import {
  backoffMs,
  failureTable,
  LONGEST_NAMED_WAIT_MS,
  MAX_ATTEMPTS,
} from "./failure-table.js";
import { markdownTable, spokenDuration } from "./markdown-table.js";
import { renderFailureTable, renderWaitTable } from "./render-failure-table.js";
import { waitTable } from "./wait-table.js";

const page = new URL("../../../../docs/failure-classes.md", import.meta.url);

describe("the failure table", () => {
  it.each(failureClasses)("bounds what follows %s", (failureClass) => {
    const followUp = failureTable[failureClass];
    if (followUp.action === "again") {
      expect(followUp.limit).toBeLessThan(MAX_ATTEMPTS);
      expect(followUp.backoff.maxMs).toBeGreaterThanOrEqual(
        followUp.backoff.firstMs,
      );
    }
    if (followUp.action === "park" || followUp.action === "ask")
      expect(followUp.deadlineMs).toBeGreaterThan(0);
  });

  it("believes a weekly limit", () => {
    expect(LONGEST_NAMED_WAIT_MS).toBeGreaterThan(7 * 24 * 60 * 60 * 1000);
  });

  it("backs off longer each time, up to a limit", () => {
    const backoff = { firstMs: 1000, factor: 4, maxMs: 20_000 };
    expect([0, 1, 2, 3, 4, 1e9].map((n) => backoffMs(backoff, n))).toEqual([
      1000, 1000, 4000, 16_000, 20_000, 20_000,
    ]);
  });

  it("says in one sentence what each class and each wait means", () => {
    const meanings = [
      ...failureClasses.map((name) => failureMeaning[name]),
      ...waitReasons.map((reason) => waitTable[reason].meaning),
    ];
    for (const meaning of meanings) expect(meaning).toMatch(/^[A-Z][^.]*\.$/);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});

describe("docs/failure-classes.md", () => {
  // After a change of the tables: UPDATE_DOCS=1 and this spec write the page's tables anew.
  it("shows the tables as the code has them", async () => {
    const text = await readFile(page, "utf8");
    const current = [
      ["failures", renderFailureTable()] as const,
      ["waits", renderWaitTable()] as const,
    ].reduce((shown, [name, table]) => replaceTable(shown, name, table), text);
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(page, current);
    else expect(text).toBe(current);
  });

  it("names the limits as the code has them", async () => {
    const text = await readFile(page, "utf8");
    expect(text).toContain(`at most ${MAX_ATTEMPTS} attempts`);
    expect(text).toContain(
      `by ${spokenDuration(LONGEST_NAMED_WAIT_MS)} at most`,
    );
  });

  it("is told where a table goes", () => {
    expect(() => replaceTable("no marks", "waits", "")).toThrow(
      "the page has no mark for waits",
    );
  });
});

function replaceTable(text: string, name: string, table: string): string {
  const begin = `<!-- ${name}: written from the code -->\n`;
  const end = `\n<!-- end of ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`the page has no mark for ${name}`);
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}

describe("a Markdown table", () => {
  it("is padded column by column", () => {
    expect(markdownTable(["a", "wide"], [["long", "b"]])).toBe(
      "| a    | wide |\n| ---- | ---- |\n| long | b    |",
    );
  });

  it.each([
    [1000, "1 s"],
    [90_000, "90 s"],
    [900_000, "15 min"],
    [86_400_000, "1 day"],
    [604_800_000, "7 days"],
    [1500, "1500 ms"],
  ])("speaks %d ms as %s", (ms, words) => {
    expect(spokenDuration(ms)).toBe(words);
  });
});
