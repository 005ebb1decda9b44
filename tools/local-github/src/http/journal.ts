/** One request as it was asked and answered. */
export interface JournalEntry {
  readonly at: Date;
  readonly kind: "rest" | "graphql" | "git" | "page";
  readonly method: string;
  /** Path and query as sent, from the server's root. */
  readonly path: string;
  /** The part of a REST path below the API's root, without the query. */
  readonly apiPath?: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; for a push, the refs that it changed. */
  body: unknown;
  /** The login, the App's slug for a JSON web token, `null` for nobody. */
  actor: string | null;
  /** What was answered; 0 when the connection was cut instead. */
  status: number;
  responseBody: unknown;
  /** The kind of fault that struck, if one did. */
  fault?: string;
  durationMs: number;
}

/** The latest requests, oldest first. */
export class Journal {
  #entries: JournalEntry[] = [];

  constructor(private readonly limit: number) {}

  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    // Dropping a tenth at a time keeps the cost of a long run flat.
    if (this.#entries.length > this.limit)
      this.#entries = this.#entries.slice(Math.ceil(this.limit / 10));
  }

  entries(): JournalEntry[] {
    return [...this.#entries];
  }

  clear(): void {
    this.#entries = [];
  }
}
