import { z } from "zod";
import { GitHubError } from "../error/github-error.js";
import { fullNameOf, type RepositoryName } from "../repository-name.js";
import type { Door } from "./door.js";
import { read, type RawAnswer } from "./read-answer.js";

const body = z.object({
  // Missing where the request as a whole was refused, as for a limit.
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({ type: z.string().optional(), message: z.string().catch("") }),
    )
    .optional(),
});

/** Runs a mutation on GraphQL; its refusals come back as the same faults as REST's. */
export async function mutate<T>(
  door: Door,
  repository: RepositoryName,
  mutation: string,
  variables: Readonly<Record<string, unknown>>,
  schema: z.ZodType<T>,
): Promise<T> {
  const answer: RawAnswer = await door.request({
    method: "POST",
    url: door.graphqlUrl,
    query: mutation,
    variables,
    // The credentials depend on the repository, which a node id does not show.
    request: { repository: fullNameOf(repository) },
  });
  const { data, errors } = read(answer, body);
  const [error] = errors ?? [];
  if (error) throw refusal(error.type, error.message, answer.status);
  return read({ ...answer, data }, schema);
}

function refusal(
  type: string | undefined,
  message: string,
  status: number,
): GitHubError {
  const text = `GraphQL answered ${type ?? "an error"}: ${message.slice(0, 300)}`;
  switch (type) {
    case "RATE_LIMITED":
    case "RATE_LIMIT":
      return new GitHubError("rate_limited", text, {
        status,
        rateLimit: {
          kind: "primary",
          resumeAt: new Date(Date.now() + 60_000),
        },
      });
    case "NOT_FOUND":
      return new GitHubError("not_found", text, { status });
    case "FORBIDDEN":
    case "INSUFFICIENT_SCOPES":
      return new GitHubError("forbidden", text, { status });
    default:
      return new GitHubError("validation", text, { status });
  }
}
