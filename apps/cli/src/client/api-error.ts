import type { Problem } from "@pullwright/contracts";
import { AppError } from "@pullwright/platform";

/** The API answered, and said no. */
export class ApiRefusal extends AppError {
  constructor(
    url: string,
    readonly status: number,
    /** None: whoever answered is not the API. */
    readonly problem: Problem | null,
  ) {
    const said = problem
      ? (problem.detail ?? problem.title)
      : `What answers at ${url} is not Pullwright's API: it says ${status.toString()}. Where that is goes into PULLWRIGHT_URL.`;
    super("api_refused", said, { expose: true, level: "warn" });
  }
}

/** There is no API at that address, or it does not answer. */
export class ApiUnreachable extends AppError {
  constructor(
    url: string,
    cause: unknown,
    message = `Pullwright does not answer at ${url}.`,
  ) {
    super("api_unreachable", message, { expose: true, level: "warn", cause });
  }
}

/** The address or the key is such that the API cannot be asked. */
export class AccessUnusable extends AppError {
  constructor(message: string) {
    super("access_unusable", message, { expose: true, level: "warn" });
  }
}
