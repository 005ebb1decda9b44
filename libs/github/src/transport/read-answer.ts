import type { z } from "zod";
import type { GitHubError } from "../error/github-error.js";
import { oddAnswer, type Call } from "../error/translate.js";

/** An answer of Octokit whose content nobody has looked at yet. */
export interface RawAnswer {
  readonly status: number;
  readonly data: unknown;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  /** Put there by our hook. */
  readonly call?: Call;
}

const unnamed: Call = { method: "A request to", path: "GitHub", isWrite: true };

/**
 * Checks an answer's content at the door, as far as we use it; anything else is `unavailable`.
 *
 * Octokit hands over a truncated body as a string, so this also catches a connection lost halfway.
 */
export function read<T>(answer: RawAnswer, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(answer.data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const problem =
    typeof answer.data === "string"
      ? "no complete JSON"
      : `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
  throw oddIn(answer, problem);
}

/** Names what an answer holds instead of GitHub's shape. */
export function oddIn(answer: RawAnswer, problem: string): GitHubError {
  return oddAnswer(answer.call ?? unnamed, answer.status, problem);
}
