/** An answer other than success: GitHub's status, message and, for 422, the fields that were wrong. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  constructor(
    readonly status: number,
    message: string,
    readonly extra: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
  }
}

interface FieldError {
  readonly resource: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
  readonly value?: string;
}

/** 404, in GitHub's words whatever is missing, so that it tells nothing about what is private. */
export function noSuch(what: string): never {
  throw new HttpError(404, "Not Found", {
    headers: { "x-local-github-missing": encodeURIComponent(what) },
  });
}

/** 422 with the fields that were wrong. */
export function invalid(...errors: FieldError[]): HttpError {
  return new HttpError(422, "Validation Failed", { errors });
}
