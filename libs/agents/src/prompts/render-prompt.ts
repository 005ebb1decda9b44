import { fenced, fenceMark } from "../untrusted/fence.js";
import type { Finding } from "../untrusted/finding.js";
import { materials, type Piece } from "./material.js";
import type { PromptInput } from "./prompt-input.js";
import { standingRules } from "./standing-rules.js";
import { promptTemplates, type PromptName } from "./templates.js";

export interface RenderedPrompt {
  readonly text: string;
  /** What was taken out of the material, for the log and the status comment. */
  readonly findings: readonly Finding[];
}

/** The prompt of a phase: our task and rules first, then the material, each piece fenced by one random mark. */
export function renderPrompt(
  name: PromptName,
  input: PromptInput,
  draw?: () => string,
): RenderedPrompt {
  const pieces = promptPieces(name, input);
  return {
    text: composePrompt(name, input, pieces, draw),
    findings: pieces.flatMap((piece) => piece.findings),
  };
}

/** The material that a prompt carries, in its order. */
export function promptPieces(name: PromptName, input: PromptInput): Piece[] {
  return promptTemplates[name].material.flatMap((material) =>
    materials[material](input),
  );
}

/** Task, rules and head, which are ours, around the pieces, which are not. */
export function composePrompt(
  name: PromptName,
  input: PromptInput,
  pieces: readonly Piece[],
  draw?: () => string,
): string {
  const mark = fenceMark(
    pieces.map((piece) => `${piece.label}\n${piece.text}`),
    draw,
  );
  const head = [
    `Repository: ${input.repository}, base branch: ${input.baseBranch}`,
    ...(input.classification === undefined || name === "classify"
      ? []
      : [`Kind of work: ${input.classification}`]),
  ].join("\n");
  const text = [
    promptTemplates[name].task,
    `Rules:\n${standingRules}\nIn this message the mark is ${mark}.`,
    head,
    ...pieces.map((piece) => fenced(mark, piece.label, piece.text)),
  ].join("\n\n");
  return `${text}\n`;
}

/** The prompt that a phase of this round starts with; undefined for phases that have none. */
export function promptOfPhase(
  phase: string,
  round: number,
): PromptName | undefined {
  switch (phase) {
    case "classify":
    case "plan":
      return phase;
    case "build":
      return round > 1 ? "fix_tests" : "build";
    default:
      return undefined;
  }
}
