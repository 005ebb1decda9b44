import type { Problem } from "@pullwright/contracts";
import { AppError } from "@pullwright/platform";

/** The API answered, and said no. */
export class ApiRefusal extends AppError {
  constructor(
    readonly status: number,
    readonly problem: Problem | null,
  ) {
    const said = problem?.detail ?? problem?.title;
    super("api_refused", said ?? `The API answered ${status.toString()}.`, {
      expose: true,
      level: "warn",
    });
  }
}

/** There is no API at that address, or it does not answer. */
export class ApiUnreachable extends AppError {
  constructor(url: string, cause: unknown) {
    super("api_unreachable", `Pullwright does not answer at ${url}.`, {
      expose: true,
      level: "warn",
      cause,
    });
  }
}
