import type { AgentFinished } from "@pullwright/contracts";
import type { IssueClass } from "@pullwright/domain";
import type { OutputFile } from "./output-file.js";
import { parseClassification } from "./parse-classification.js";

const SUMMARY_LIMIT = 4000;

/** What an agent has to say at the end of a phase, wherever it said it. */
export interface AgentAnswer {
  /** For people: a few paragraphs at most. Empty when the agent said nothing. */
  readonly summary: string;
  /** Markdown; set in the plan phase only. */
  readonly plan?: string;
  /** Set in the classify phase only, and there only if the agent named exactly one class. */
  readonly classification?: IssueClass;
}

/**
 * The answer of a phase: the output file where there is one, else the agent's final text as the plan or the summary.
 */
export function agentAnswer(
  phase: string,
  finished: AgentFinished,
  file: OutputFile,
): AgentAnswer {
  const text = finished.text?.trim() ?? "";
  const output = file.state === "output" ? file.output : {};
  const plan = output.plan ?? text;
  const classification =
    output.classification ?? parseClassification(output.summary ?? text);
  return {
    summary: summaryOf(
      output.summary ?? (phase === "plan" ? headline(plan) : text),
    ),
    ...(phase === "plan" && plan.trim() !== "" && { plan }),
    ...(phase === "classify" &&
      classification !== undefined && { classification }),
  };
}

function summaryOf(text: string): string {
  return text.length > SUMMARY_LIMIT
    ? `${text.slice(0, SUMMARY_LIMIT)}…`
    : text;
}

/** The first line of a plan that says something; the plan itself is kept beside it. */
function headline(plan: string): string {
  const line =
    plan.split("\n", 50).find((candidate) => /[\p{L}\p{N}]/u.test(candidate)) ??
    "";
  return line.replace(/^[#>\s*-]+/, "").trim();
}
