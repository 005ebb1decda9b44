import {
  endpoints,
  logEntry,
  type AnswerOf,
  type EndpointName,
  type LogEntryShape,
} from "@pullwright/contracts";
import { readServerSentEvents } from "./server-sent-events.js";

const TIMEOUT_MS = 15_000;

/** A log line as the stream has it. */
export type LogLine = Omit<LogEntryShape, "context">;

const logLine = logEntry.omit({ context: true });

export interface CallInput {
  /** For the `{name}`s of the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The API refused or could not answer. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    what: string,
    detail: string,
  ) {
    super(`${what} answered ${status}: ${detail}`);
  }
}

/** Drives Pullwright from outside, through its HTTP API alone. */
export class PullwrightClient {
  constructor(
    readonly url: string,
    private readonly apiKey: string,
  ) {}

  /** Calls an endpoint and gives its answer, as the contract has it. */
  async call<N extends EndpointName>(
    name: N,
    input: CallInput = {},
  ): Promise<AnswerOf<(typeof endpoints)[N]>> {
    const response = await this.#fetch(
      name,
      input,
      AbortSignal.timeout(TIMEOUT_MS),
    );
    const text = await response.text();
    if (!response.ok) throw new ApiRefusal(response.status, name, text);
    return JSON.parse(text) as AnswerOf<(typeof endpoints)[N]>; // the API's own specs hold its answers to the contract
  }

  /** The log lines of a run from `after` on, as they are written; ends when the run has. */
  async *streamLogs(
    adwId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const response = await this.#fetch(
      "streamLogs",
      { params: { adw_id: adwId }, query: { after: after.toString() } },
      signal,
    );
    if (!response.ok || response.body === null)
      throw new ApiRefusal(
        response.status,
        "streamLogs",
        await response.text(),
      );
    for await (const { event, data } of readServerSentEvents(response.body)) {
      if (event === "end") return;
      yield logLine.parse(JSON.parse(data));
    }
  }

  #fetch(
    name: EndpointName,
    { params = {}, query = {}, body }: CallInput,
    signal: AbortSignal,
  ): Promise<Response> {
    const { method, path } = endpoints[name];
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(params[key] ?? ""),
    );
    const url = new URL(filled, this.url);
    for (const [key, value] of Object.entries(query))
      url.searchParams.set(key, value);
    return fetch(url, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
