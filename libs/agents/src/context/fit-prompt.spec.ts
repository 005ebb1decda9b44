import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { PromptInput } from "../prompts/prompt-input.js";
import { promptPieces, renderPrompt } from "../prompts/render-prompt.js";
import { standingRules } from "../prompts/standing-rules.js";
import { promptNames, promptTemplates } from "../prompts/templates.js";
import { contextWindow, type ContextWindow } from "./context-window.js";
import { estimateTokens } from "./estimate-tokens.js";
import { fitPrompt, MAX_SHRINKS, tooLargeInWords } from "./fit-prompt.js";
import { shrinkOrder } from "./shrink-order.js";

const of = (limit: number): ContextWindow => ({
  model: "small",
  window: 2 * limit,
  margin: limit,
  overhead: 0,
  limit,
});

const words = (count: number) => "lorem ipsum ".repeat(count);

/** Something of everything that a prompt may carry. */
const input = (over: Partial<PromptInput> = {}): PromptInput => ({
  repository: "acme/shop",
  baseBranch: "main",
  issue: {
    number: 7,
    title: "Totals are wrong",
    body: words(2_000),
    comments: [
      { author: "ada", body: words(500) },
      { author: "bob", body: words(500) },
    ],
  },
  plan: words(2_000),
  handoffs: [{ contentMd: words(1_000), metadata: {} }],
  failedCommands: [
    { command: ["npm", "test"], exitCode: 1, output: `${words(1_000)}the end` },
  ],
  earlierTry: {
    failure: {
      phase: "build",
      failureClass: "agent_error",
      message: words(100),
      log: words(1_000),
    },
    diff: words(2_000),
  },
  progress: words(500),
  conflictingFiles: ["a.ts"],
  note: words(300),
  ...over,
});

const draw = () => "0123456789abcdef".repeat(2);

describe("a prompt that must fit its model's window", () => {
  it.each(promptNames)("is %s as it is while it fits", (name) => {
    const fitted = fitPrompt(name, input(), of(1_000_000), draw);
    expect(fitted.text).toBe(renderPrompt(name, input(), draw).text);
    expect(fitted.budget.cuts).toEqual([]);
    expect(fitted.budget.requested).toBe(estimateTokens(fitted.text));
  });

  it("is never larger than the window, or no prompt at all, and keeps our words and the title", () => {
    const text = fc
      .tuple(
        fc.constantFrom("a", "lorem ", "数", "\u{1f600}", "`x`\n"),
        fc.nat({ max: 20_000 }),
      )
      .map(([part, count]) => part.repeat(count));
    fc.assert(
      fc.property(
        fc.constantFrom(...promptNames),
        fc.nat({ max: 60_000 }),
        fc.record({ body: text, comment: text, plan: text, log: text }),
        (name, limit, { body, comment, plan, log }) => {
          const asked = input({
            issue: {
              number: 7,
              title: "Totals are wrong",
              body,
              comments: [{ author: "ada", body: comment }],
            },
            plan,
            failedCommands: [{ command: ["t"], exitCode: 1, output: log }],
          });
          const fitted = fitPrompt(name, asked, of(limit), draw);
          const { budget } = fitted;
          expect(budget.estimated).toBe(estimateTokens(fitted.text));
          expect(fitted.fits).toBe(budget.estimated <= limit);
          expect(budget.cuts.length).toBeLessThanOrEqual(MAX_SHRINKS);
          expect(fitted.text).toContain(promptTemplates[name].task);
          expect(fitted.text).toContain(standingRules);
          expect(fitted.text).toContain("Title: Totals are wrong (#7)");
          const order = shrinkOrder.map(({ section }) => section);
          budget.cuts.reduce((before, { section, from, to }) => {
            expect(to).toBeLessThan(from);
            expect(from).toBe(before);
            expect(order).toContain(section);
            return to;
          }, budget.requested);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is shortened in the stated order, and no further than needed", () => {
    const { requested } = fitPrompt("build", input(), of(1e6), draw).budget;
    const cutTo = (limit: number) =>
      fitPrompt("build", input(), of(limit), draw).budget.cuts.map(
        ({ section }) => section,
      );
    expect(cutTo(requested)).toEqual([]);
    expect(cutTo(requested - 1)).toEqual(["log of an earlier try"]);
    expect(cutTo(requested - 5_000)).toEqual([
      "log of an earlier try",
      "change of an earlier try",
    ]);
    const all = cutTo(0);
    const sections = shrinkOrder.map(({ section }) => section);
    const inOrder = sections.filter((section) => all.includes(section));
    expect([...new Set(all)]).toEqual(inOrder);
    expect(all.slice(0, inOrder.length).at(-1)).toBe("issue");
  });

  it("keeps the end of what was printed and the beginning of what was written", () => {
    const fitted = fitPrompt("fix_tests", input(), of(12_000), draw);
    expect(fitted.text).toContain("the end");
    expect(fitted.text).toMatch(
      /\[\d+ characters left out to fit the model's window\]/,
    );
  });

  it("knows a place in the order for every piece that a prompt may carry", () => {
    const labels = promptNames.flatMap((name) =>
      promptPieces(name, input()).map(({ label }) => label),
    );
    for (const label of labels)
      expect(
        shrinkOrder.filter(({ labels: known }) => known.test(label)),
      ).toHaveLength(1);
  });

  it("says with its arithmetic why it does not fit, and how to go on", () => {
    const { fits, budget } = fitPrompt("build", input(), of(100), draw);
    expect(fits).toBe(false);
    const said = tooLargeInWords("build", budget);
    expect(said).toMatch(
      /about [\d,]+ tokens \(asked for [\d,]+\); small takes 100 = 200 − 100 for its work/,
    );
    expect(said).toContain("`/retry build`");
    expect(said).toContain("CONTEXT_WINDOWS");
  });
});

describe("a model's window", () => {
  it.each([
    ["claude", null, 200_000],
    ["claude", "claude-sonnet-4-5", 200_000],
    ["claude", "opus[1m]", 1_000_000],
    ["codex", null, 272_000],
    ["codex", "openai/gpt-5.1-codex", 272_000],
    ["command", "my-own", 128_000],
  ])("of %s with %j is %d tokens", (agent, model, tokens) => {
    const window = contextWindow(agent, model);
    expect(window.window).toBe(tokens);
    expect(window.limit).toBe(tokens - window.margin - window.overhead);
    expect(window.limit).toBeLessThan(0.75 * tokens);
    expect(window.limit).toBeGreaterThanOrEqual(0.49 * tokens);
  });

  it("may be set, by name and for those that are not known", () => {
    const set = new Map([
      ["my-own", 32_768],
      ["claude", 500_000],
      ["*", 64_000],
    ]);
    expect(contextWindow("command", "My-Own", set).window).toBe(32_768);
    expect(contextWindow("claude", null, set).window).toBe(500_000);
    expect(contextWindow("claude", "sonnet", set).window).toBe(200_000);
    expect(contextWindow("command", null, set).window).toBe(64_000);
  });

  it("is counted on the safe side", () => {
    expect(estimateTokens("four")).toBe(2);
    expect(estimateTokens("数")).toBe(1);
  });
});
