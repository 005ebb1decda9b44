import { z } from "zod";

/** One field of a request that cannot be used. */
export const fieldProblem = z.object({
  field: z.string().describe("Where it stands, such as `budget_usd`."),
  message: z.string(),
});
export type FieldProblem = z.output<typeof fieldProblem>;

/** Every refusal, as RFC 9457 wants it; sent as `application/problem+json`. */
export const problem = z
  .object({
    type: z
      .string()
      .describe("Names the kind of problem; branch on this, never on texts."),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().describe("The id of the request, as in our logs."),
    errors: z.array(fieldProblem).optional(),
    adw_id: z
      .string()
      .optional()
      .describe("The run that stands in the way of this request."),
  })
  .meta({ id: "Problem" });
export type Problem = z.output<typeof problem>;

/** `type` of every problem; the part after the colon is stable. */
export const problemTypes = {
  "invalid-request": "The request cannot be used as it is",
  unauthorized: "A valid API key is needed",
  forbidden: "The API key does not allow this",
  "not-found": "There is no such thing",
  "method-not-allowed": "This address does not take that method",
  "live-run-exists": "The work item has a live run",
  "run-not-ended": "The run has not ended",
  "not-possible-now": "The run is in no state for this",
  "last-admin-key": "It is the last key that administers everything",
  "repository-disabled": "The repository is switched off",
  "repository-replaced": "The repository's name belongs to another one now",
  "idempotency-key-reused":
    "This Idempotency-Key already stands for another request",
  "too-large": "The request is too large",
  "unsupported-media-type": "The content type is not supported",
  "too-many-requests": "Too many requests",
  "github-refused": "GitHub refused",
  unavailable: "A service that is needed does not answer",
  "internal-error": "Something went wrong on our side",
} as const;
export type ProblemType = keyof typeof problemTypes;
