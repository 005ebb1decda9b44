import { z } from "zod";
import { GitHubError } from "../error/github-error.js";
import {
  faultOfGraphql,
  graphqlErrors,
  type GraphqlError,
} from "../error/graphql-errors.js";
import { fullNameOf, type RepositoryName } from "../repository-name.js";
import type { Door } from "./door.js";
import { read, type RawAnswer } from "./read-answer.js";

const body = z.object({
  // Missing where the request as a whole was refused.
  data: z.unknown().optional(),
  errors: graphqlErrors.optional(),
});

/** Runs a mutation on GraphQL; its refusals come back as the same faults as REST's. Octokit's hook has thrown limits. */
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
  // One that leaves open what happened outweighs the others.
  const error =
    errors?.find((one) => faultOfGraphql(one) === "unavailable") ?? errors?.[0];
  if (error) throw refusal(error, answer.status);
  return read({ ...answer, data }, schema);
}

function refusal(error: GraphqlError, status: number): GitHubError {
  const { type = "an error", message } = error;
  const fault = faultOfGraphql(error);
  return new GitHubError(
    fault,
    `GraphQL answered ${type}: ${message.slice(0, 300)}`,
    { status, isUncertain: fault === "unavailable" },
  );
}
