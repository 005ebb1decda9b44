/** What a webhook's payload says, as far as it says it. Facts to look things up by, not to trust. */
export interface WebhookFacts {
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
  readonly repositoryFullName: string | null;
  readonly installationId: number | null;
  /** Of the issue or the pull request. */
  readonly issueNumber: number | null;
  readonly isPullRequest: boolean;
  readonly commentId: number | null;
  /** The label that was added or removed. */
  readonly label: string | null;
  readonly senderId: number | null;
  readonly senderLogin: string | null;
}

/**
 * Reads the facts that every event may carry. Takes anything that JSON can hold, of any depth, and never throws:
 * what is missing or of another type is null.
 */
export function readWebhook(event: string, payload: unknown): WebhookFacts {
  const issue = field(payload, "issue");
  const pull = field(payload, "pull_request");
  const repository = field(payload, "repository");
  const sender = field(payload, "sender");
  return {
    event,
    action: text(field(payload, "action")),
    repositoryId: id(field(repository, "id")),
    repositoryFullName: text(field(repository, "full_name")),
    installationId: id(field(field(payload, "installation"), "id")),
    issueNumber: id(field(issue, "number")) ?? id(field(pull, "number")),
    isPullRequest: isObject(pull) || isObject(field(issue, "pull_request")),
    commentId: id(field(field(payload, "comment"), "id")),
    label: text(field(field(payload, "label"), "name")),
    senderId: id(field(sender, "id")),
    senderLogin: text(field(sender, "login")),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Own fields only: `__proto__` and its kin are no facts. */
function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined;
}

/** Longer ones than any real name are somebody's game. */
const MAX_TEXT_LENGTH = 300;

function text(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  // Postgres refuses NUL in text.
  return value.length > MAX_TEXT_LENGTH || value.includes("\0") ? null : value;
}

function id(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0
    ? value
    : null;
}
