/** An error that a resolver reports, with GitHub's `type` beside the message. */
export class GraphqlError extends Error {
  override readonly name = "GraphqlError";

  constructor(
    readonly type: "NOT_FOUND" | "FORBIDDEN" | "UNPROCESSABLE",
    message: string,
  ) {
    super(message);
  }
}
