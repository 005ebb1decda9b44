import type { z } from "zod";

/** What a key may be allowed. `admin` includes the others. */
export const scopes = ["read", "trigger", "control", "admin"] as const;
export type Scope = (typeof scopes)[number];

/**
 * Who may call: everybody, a key of a scope, or whoever the configuration opens it to (and a reading key otherwise).
 */
export type Access = Scope | "public" | "open-metrics" | "open-docs";

/** One answer of an endpoint. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` unless told. */
  readonly contentType?: string;
  /** What it can be had as instead, by the `Accept` header. */
  readonly alternative?: string;
}

/** One endpoint: the only place that says its address, who may call it, what it takes and what it answers. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Success. */
  readonly status: number;
  readonly answer: Answer;
  /** Other answers than success; those that every endpoint has are left out. */
  readonly refusals?: Readonly<Record<number, string>>;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Part<E extends Endpoint, K extends keyof Endpoint> =
  E extends Record<K, infer S> ? Parsed<S> : undefined;

/** What a handler gets: the parsed parts of a request. */
export interface InputOf<E extends Endpoint> {
  readonly params: Part<E, "params">;
  readonly query: Part<E, "query">;
  readonly headers: Part<E, "headers">;
  readonly body: Part<E, "body">;
}

/** What a handler answers. */
export type AnswerOf<E extends Endpoint> = Parsed<E["answer"]["schema"]>;
