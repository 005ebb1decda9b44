import { z } from "zod";
import type { GitHubFault } from "./github-error.js";

const errorBody = z.object({
  type: z.string().optional().catch(undefined),
  message: z.string().catch(""),
});

/** How GraphQL refuses: with status 200, beside `data` or in place of it. */
export const graphqlErrors = z.array(errorBody);
export type GraphqlError = z.output<typeof errorBody>;

const answerBody = z.object({ errors: graphqlErrors });

/** The errors that an answer tells; none when it is not GraphQL's. */
export function graphqlErrorsOf(data: unknown): readonly GraphqlError[] {
  const answer = answerBody.safeParse(data);
  return answer.success ? answer.data.errors : [];
}

/** The refusals that GitHub, or a server that lacks the mutation or drafts, tells in words only. */
const refusalInWords =
  /doesn't exist on type|cannot query field|unknown (?:type|field|argument|mutation|operation)|not (?:supported|implemented)|not have (?:the correct )?permission|not accessible/i;

/**
 * Names an error's fault. What is not known as a refusal is `unavailable`: GitHub tells its own hiccups without a type
 * ("Something went wrong while executing your query"), and the change may have been made.
 */
export function faultOfGraphql({ type, message }: GraphqlError): GitHubFault {
  switch (type) {
    case "NOT_FOUND":
      return "not_found";
    case "FORBIDDEN":
    case "INSUFFICIENT_SCOPES":
      return "forbidden";
    case "UNPROCESSABLE":
      return "validation";
    default:
      return refusalInWords.test(message) ? "validation" : "unavailable";
  }
}
