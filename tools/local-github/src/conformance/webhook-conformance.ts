import { PublishedSchemas, readFixture } from "./published-schemas.js";

interface WebhookFile {
  readonly source: string;
  readonly payloads: Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Holds webhooks to GitHub's published payload schemas. */
export class WebhookConformance {
  readonly names: readonly string[];
  readonly #file = readFixture("github-webhooks.json") as WebhookFile; // written by the extractor
  readonly #schemas = new PublishedSchemas(this.#file);

  constructor() {
    this.names = Object.keys(this.#file.payloads);
  }

  problems(event: string, payload: unknown): string[] {
    const schema = this.#file.payloads[webhookName(event, payload)];
    return schema === undefined
      ? ["is no webhook that is known here"]
      : this.#schemas.problems(schema, payload);
  }
}

/** GitHub's name for an event and its action: `pull-request-opened`. */
export function webhookName(event: string, payload: unknown): string {
  const action =
    typeof payload === "object" && payload !== null && "action" in payload
      ? `-${String(payload.action)}`
      : "";
  return `${event}${action}`.replaceAll("_", "-");
}
