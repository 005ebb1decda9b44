import { AppError } from "@pullwright/platform";

/** A request that no agent can be started with; the person who asked for it has to change it. */
export class AgentRequestError extends AppError {
  constructor(message: string) {
    super("agent_request_invalid", message, { level: "info", expose: true });
  }
}

const safe = /^[A-Za-z0-9][\w.:/@[\]-]{0,127}$/;

/**
 * A value for the command line that came from a person's comment or from an earlier run: no option in disguise
 * (`--model --dangerously-skip-permissions`), no blanks, no quotes.
 */
export function safeArgument(
  what: string,
  value: string | undefined,
): string | undefined {
  if (value === undefined || safe.test(value)) return value;
  throw new AgentRequestError(
    `"${value.slice(0, 60)}" is no ${what} that an agent can be started with.`,
  );
}
