import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { endpoints, problem, type AnswerOf, type EndpointName, type Problem } from "@pullwright/contracts";
import type { ApiUnderTest } from "./running-api.js";

export interface CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Called<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

type Names = typeof endpoints;

/** Calls an endpoint, and holds the answer to its schema: every field known, none missing. */
export async function call<N extends EndpointName>(
  api: ApiUnderTest,
  name: N,
  options: CallOptions = {},
): Promise<Called<AnswerOf<Names[N]>>> {
  const endpoint = endpoints[name];
  const answer = await send(api, name, options);
  if (answer.status !== endpoint.status)
    throw new Error(`${name} answered ${answer.status.toString()}: ${JSON.stringify(answer.body)}`);
  if ("schema" in endpoint.answer) {
    const parsed = endpoint.answer.schema.parse(answer.body);
    if (!isDeepStrictEqual(parsed, answer.body))
      throw new Error(`${name} answered what its schema does not know: ${JSON.stringify(answer.body)}`);
  }
  return answer as Called<AnswerOf<Names[N]>>; // Held to the schema above.
}

/** Calls an endpoint that must refuse, and holds the refusal to RFC 9457. */
export async function refused(api: ApiUnderTest, name: EndpointName, options: CallOptions = {}): Promise<Called<Problem>> {
  return asProblem(await send(api, name, options));
}

export function asProblem(answer: Called<unknown>): Called<Problem> {
  if (answer.headers.get("content-type") !== "application/problem+json")
    throw new Error(`No problem: ${answer.status.toString()} ${JSON.stringify(answer.body)}`);
  const body = problem.strict().parse(answer.body);
  if (body.status !== answer.status) throw new Error("The problem names another status than the answer has.");
  return { ...answer, body };
}

async function send(api: ApiUnderTest, name: EndpointName, options: CallOptions): Promise<Called<unknown>> {
  const { method, path } = endpoints[name];
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(options.params?.[key] ?? "")));
  const query = new URLSearchParams(Object.entries(options.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]));
  return sendRaw(api, method, `${filled}${query.size > 0 ? `?${query.toString()}` : ""}`, options);
}

/** Less than half of what `fetch` costs, which counts where a spec sends thousands of requests. */
const agent = new Agent({ keepAlive: true });

export async function sendRaw(
  api: Pick<ApiUnderTest, "url" | "key">,
  method: string,
  path: string,
  { key = api.key, body, headers }: CallOptions = {},
): Promise<Called<unknown>> {
  const outgoing = request(api.url + path, {
    agent,
    method,
    headers: {
      accept: "*/*",
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  });
  outgoing.on("error", () => undefined); // After an answer that did not wait for the whole request; before one, `once` throws it.
  outgoing.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage]; // As Node documents.
  const received = await text(answer);
  const answered = new Headers(answer.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1] ?? ""]] : [])));
  const isJson = /[/+]json/.test(answered.get("content-type") ?? "");
  return { status: answer.statusCode ?? 0, headers: answered, body: isJson ? JSON.parse(received) : received };
}
