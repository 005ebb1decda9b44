import type { JournalEntry } from "../http/journal.js";
import { graphqlProblems } from "./graphql-conformance.js";
import { RestConformance } from "./rest-conformance.js";
import { WebhookConformance, webhookName } from "./webhook-conformance.js";

/** Something that GitHub's published schemas do not allow. */
export interface Violation {
  /** The request as `METHOD /path`, or the webhook's name. */
  readonly subject: string;
  readonly problem: string;
}

let rest: RestConformance | undefined;
let webhooks: WebhookConformance | undefined;

/** GitHub's published description of the REST operations served here. */
export const restConformance = (): RestConformance =>
  (rest ??= new RestConformance());

/** GitHub's published schemas of the webhooks emitted here. */
export const webhookConformance = (): WebhookConformance =>
  (webhooks ??= new WebhookConformance());

/**
 * Holds every request of a journal, and every answer that no fault struck, to GitHub's published schemas. A request
 * that they do not know is a violation too. git is left to git.
 */
export function checkRequests(journal: readonly JournalEntry[]): Violation[] {
  return journal.flatMap((entry) => {
    const subject = `${entry.method} ${entry.path}`;
    return problemsOf(entry).map((problem) => ({ subject, problem }));
  });
}

/** Holds one webhook to GitHub's published schema. */
export function checkWebhook(event: string, payload: unknown): Violation[] {
  const subject = webhookName(event, payload);
  return webhookConformance()
    .problems(event, payload)
    .map((problem) => ({ subject, problem }));
}

function problemsOf(entry: JournalEntry): string[] {
  switch (entry.kind) {
    case "rest":
      return restConformance().problems(entry);
    case "graphql":
      return graphqlProblems(entry);
    case "git":
      return [];
    case "page":
      return ["is neither the API nor git"];
  }
}
