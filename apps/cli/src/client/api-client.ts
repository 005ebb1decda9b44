import {
  endpoints,
  problem,
  type AnswerOf,
  type Endpoint,
  type EndpointName,
} from "@pullwright/contracts";
import type { z } from "zod";
import { ApiRefusal, ApiUnreachable } from "./api-error.js";
import { checkAccess, type Access } from "./check-access.js";
import { PATIENCE_MS } from "./patience.js";
import { readPieces } from "./read-pieces.js";

const TIMEOUT_MS = 30_000;

/** What goes into a request; the API checks it. */
export interface CallParts {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

type Endpoints = typeof endpoints;

/** The API by the names of its endpoints; answers are held to the contract. */
export class ApiClient {
  constructor(
    private readonly config: Access,
    private readonly signal?: AbortSignal,
    /** How long those who wait for something bear with an API that is away. */
    readonly patienceMs = PATIENCE_MS,
  ) {}

  /** The same API, asked no more once this signal aborts too. */
  until(signal: AbortSignal): ApiClient {
    const both = [this.signal, signal].filter((one) => one !== undefined);
    return new ApiClient(this.config, AbortSignal.any(both), this.patienceMs);
  }

  async call<N extends EndpointName>(
    name: N,
    parts: CallParts = {},
  ): Promise<AnswerOf<Endpoints[N]>> {
    const endpoint: Endpoint = endpoints[name];
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(endpoint, parts, timeout);
    const text = await response.text().catch((error: unknown) => {
      throw new ApiUnreachable(this.config.url, error);
    });
    const { schema } = endpoint.answer;
    const answer = schema
      ? schema.safeParse(parseJson(text))
      : { success: true, data: undefined };
    if (!answer.success) {
      throw new ApiUnreachable(
        this.config.url,
        new TypeError(text.slice(0, 200)),
        `What answers at ${this.config.url} is not Pullwright's API, or not of this version.`,
      );
    }
    return answer.data as AnswerOf<Endpoints[N]>; // Parsed by the schema that the type is made of.
  }

  /** Opens a stream of server-sent events. */
  async open(
    name: EndpointName,
    parts: CallParts,
  ): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#send(endpoints[name], parts);
    if (body === null) throw new ApiUnreachable(this.config.url, undefined);
    return body;
  }

  /** Opens an answer of one JSON value a line; each is held to the schema. */
  async *lines<S extends z.ZodType>(
    name: EndpointName,
    schema: S,
    parts: CallParts,
  ): AsyncGenerator<z.output<S>> {
    const headers = { accept: "application/x-ndjson", ...parts.headers };
    const stream = await this.open(name, { ...parts, headers });
    try {
      for await (const text of readPieces(stream, "\n"))
        yield schema.parse(JSON.parse(text));
    } catch (error) {
      if (this.signal?.aborted) throw error;
      // The connection broke, or what was sent is no such line.
      throw new ApiUnreachable(this.config.url, error);
    }
  }

  async #send(
    { method, path }: Endpoint,
    { params = {}, query = {}, headers = {}, body }: CallParts,
    timeout?: AbortSignal,
  ): Promise<Response> {
    checkAccess(this.config);
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(String(params[key] ?? "")),
    );
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) search.set(key, String(value));
    const tail = search.size > 0 ? `?${search.toString()}` : "";
    const signals = [this.signal, timeout].filter((one) => one !== undefined);
    let response: Response;
    try {
      response = await fetch(this.config.url + filled + tail, {
        method,
        redirect: "error", // A key goes to no other host.
        signal: AbortSignal.any(signals),
        headers: {
          ...(this.config.apiKey
            ? { authorization: `Bearer ${this.config.apiKey}` }
            : {}),
          ...(body ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    } catch (error) {
      if (this.signal?.aborted) throw error;
      throw new ApiUnreachable(this.config.url, error);
    }
    if (response.ok) return response;
    const text = await response.text().catch(() => "");
    const said = problem.safeParse(parseJson(text));
    throw new ApiRefusal(
      this.config.url,
      response.status,
      said.success ? said.data : null,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
