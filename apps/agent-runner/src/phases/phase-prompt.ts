import {
  budgetInWords,
  fitPrompt,
  promptOfPhase,
  tooLargeInWords,
  type ContextWindow,
  type FittedPrompt,
  type PromptBudget,
  type PromptInput,
  type PromptName,
} from "@pullwright/agents";
import type { LlmCall } from "@pullwright/persistence";
import { AppError } from "@pullwright/platform";
import { outlast } from "../attempt/outlast.js";
import { earlierTry } from "./earlier-try.js";
import type { PhaseContext } from "./phase-context.js";
import { progressSoFar } from "./progress.js";

/** No agent is started with a prompt that its model could not read to the end. */
export class PromptTooLarge extends AppError {
  constructor(message: string) {
    super("prompt_too_large", message, { level: "warn", expose: true });
  }
}

/** The phase's prompt, made to fit its model's window; what was decided stands in the run's log and in its history. */
export async function phasePrompt(
  context: PhaseContext,
  material: Partial<PromptInput>,
  template?: PromptName,
): Promise<FittedPrompt> {
  const { claimed, parts, log } = context;
  const { phase, attempt } = claimed;
  const name = template ?? promptOfPhase(phase.definition.name, phase.round);
  if (name === undefined)
    throw new Error(`the phase ${phase.definition.name} has no prompt`);
  const prompt = fitPrompt(
    name,
    await inputOf(context, material),
    parts.agents.windowOf(attempt),
  );
  for (const finding of prompt.findings)
    await log.add(
      "WARNING",
      `untrusted text was cleaned: ${JSON.stringify(finding)}`,
    );
  const { budget, fits } = prompt;
  const isCut = budget.cuts.length > 0;
  await log.add(isCut ? "WARNING" : "INFO", budgetInWords(budget));
  if (isCut || !fits)
    await outlast(context, () =>
      parts.stores.transcripts.addDecision(
        attempt,
        fits ? "prompt_shortened" : "prompt_too_large",
        { phase: phase.definition.name, ...arithmetic(budget) },
      ),
    );
  if (fits) return prompt;
  await parts.stores.transcripts.add(attempt, {
    calls: [
      {
        model: budget.model,
        promptTokens: 0,
        completionTokens: 0,
        costUsd: null,
        status: "skipped",
        errorCode: "context_window",
        prompt: promptRecord(budget),
      },
    ],
  });
  throw new PromptTooLarge(tooLargeInWords(phase.definition.name, budget));
}

/** What the record of a call says of its prompt. */
export function promptRecord(
  budget: PromptBudget,
): NonNullable<LlmCall["prompt"]> {
  return {
    requestedTokens: budget.requested,
    maxTokens: budget.limit,
    truncatedSections: budget.cuts,
    budget: arithmetic(budget),
  };
}

function arithmetic(budget: PromptBudget): Readonly<Record<string, unknown>> {
  const { model, window, margin, overhead, limit }: ContextWindow = budget;
  const { requested, estimated, cuts } = budget;
  return {
    model,
    window,
    margin,
    overhead,
    limit,
    requested,
    estimated,
    cuts,
  };
}

async function inputOf(
  context: PhaseContext,
  material: Partial<PromptInput>,
): Promise<PromptInput> {
  const { run, workItem } = context.claimed;
  return {
    repository: `${run.repository.owner}/${run.repository.name}`,
    baseBranch: run.baseBranch,
    issue: {
      number: run.issueNumber,
      title: workItem.title,
      body: workItem.body,
      labels: workItem.labels,
      comments: workItem.comments,
      ...(workItem.author === null ? {} : { author: workItem.author }),
    },
    ...(run.state.classification === null
      ? {}
      : { classification: run.state.classification }),
    ...(run.note === null ? {} : { note: run.note }),
    ...(await earlierTry(context)),
    ...(await progressSoFar(context)),
    ...material,
  };
}
