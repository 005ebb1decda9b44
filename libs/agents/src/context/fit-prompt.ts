import type { Finding } from "../untrusted/finding.js";
import type { Piece } from "../prompts/material.js";
import type { PromptInput } from "../prompts/prompt-input.js";
import { composePrompt, promptPieces } from "../prompts/render-prompt.js";
import type { PromptName } from "../prompts/templates.js";
import type { ContextWindow } from "./context-window.js";
import { estimateTokens } from "./estimate-tokens.js";
import { shorten, shrinkOrder } from "./shrink-order.js";

/** How a prompt came to its size; all in tokens, as estimated. */
export interface PromptBudget extends ContextWindow {
  /** What the whole material would have taken. */
  readonly requested: number;
  readonly estimated: number;
  /** Sections that were shortened, in their order; a section shortened twice stands twice. */
  readonly cuts: readonly {
    readonly section: string;
    readonly from: number;
    readonly to: number;
  }[];
}

export interface FittedPrompt {
  readonly fits: boolean;
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly budget: PromptBudget;
}

/** Each section is shortened at most this often. */
const ROUNDS = ["atFirst", "atLeast"] as const;

/** More tries than this are never made, whatever the material. */
export const MAX_SHRINKS = ROUNDS.length * shrinkOrder.length;

/**
 * The prompt of a phase, shortened section by section until it fits its model's window: first each to a useful length, then
 * each as far as it may. What does not fit then is no prompt to start an agent with.
 */
export function fitPrompt(
  name: PromptName,
  input: PromptInput,
  window: ContextWindow,
  draw?: () => string,
): FittedPrompt {
  const whole = promptPieces(name, input);
  const textOf = (some: readonly (Piece | null)[]) =>
    composePrompt(
      name,
      input,
      some.flatMap((piece) => piece ?? []),
      draw,
    );
  let pieces: readonly (Piece | null)[] = whole;
  let text = textOf(pieces);
  const requested = estimateTokens(text);
  let estimated = requested;
  const cuts: PromptBudget["cuts"][number][] = [];
  for (const round of ROUNDS) {
    for (const { section, labels, keep, ...lengths } of shrinkOrder) {
      if (estimated <= window.limit) break;
      const length = lengths[round];
      pieces = whole.map((piece, index) =>
        labels.test(piece.label)
          ? shorten(piece, length, keep)
          : (pieces[index] ?? null),
      );
      text = textOf(pieces);
      const to = estimateTokens(text);
      if (to < estimated) cuts.push({ section, from: estimated, to });
      estimated = to;
    }
  }
  return {
    fits: estimated <= window.limit,
    text,
    findings: whole.flatMap((piece) => piece.findings),
    budget: { ...window, requested, estimated, cuts },
  };
}

/** The arithmetic in one line, for the log. */
export function budgetInWords(budget: PromptBudget): string {
  const { model, window, margin, overhead, limit, requested, estimated } =
    budget;
  const cuts = budget.cuts.map(
    ({ section, from, to }) => `${section}: ${count(from)} → ${count(to)}`,
  );
  const shortened = cuts.length === 0 ? "" : `; shortened ${cuts.join(", ")}`;
  return `prompt of about ${count(estimated)} tokens (asked for ${count(requested)}); ${model ?? "the default model"} takes ${count(limit)} = ${count(window)} − ${count(margin)} for its work − ${count(overhead)} of the CLI's own${shortened}`;
}

/** Why no agent was started, with the arithmetic and a way to go on. */
export function tooLargeInWords(phase: string, budget: PromptBudget): string {
  return `The prompt does not fit: ${budgetInWords(budget)}. Shorten the issue or its comments and comment \`/adw\` for a new run, or take a model with a larger window (a larger one may be set in CONTEXT_WINDOWS) and comment \`/retry ${phase}\`.`;
}

function count(tokens: number): string {
  return tokens.toLocaleString("en-US");
}
