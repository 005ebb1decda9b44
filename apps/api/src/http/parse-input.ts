import type { Endpoint, FieldProblem, InputOf } from "@pullwright/contracts";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { invalidRequest } from "./api-problem.js";
import { sayIssue } from "./say-issue.js";

/** Parses every part of a request by its endpoint's schemas; throws one problem that names all bad fields. */
export function parseInput<E extends Endpoint>(
  endpoint: E,
  request: FastifyRequest,
): InputOf<E> {
  const errors: FieldProblem[] = [];
  const parse = (
    schema: z.ZodType | undefined,
    part: unknown,
    name: string,
  ) => {
    if (schema === undefined) return undefined;
    const parsed = schema.safeParse(part, {
      error: (issue) =>
        // So Fastify gives a parameter of a query that comes twice.
        name === "query" && Array.isArray(issue.input)
          ? "must be given once"
          : sayIssue(issue),
    });
    if (parsed.success) return parsed.data;
    errors.push(...fieldProblems(parsed.error, name));
    return undefined;
  };
  const input = {
    params: parse(endpoint.params, request.params, "path"),
    query: parse(endpoint.query, withoutEmpty(request.query), "query"),
    headers: parse(endpoint.headers, request.headers, "headers"),
    // All fields may be optional, and then the whole body is; `null` is one that was sent.
    body: parse(
      endpoint.body,
      request.body === undefined ? {} : request.body,
      "body",
    ),
  };
  if (errors.length > 0) throw invalidRequest(errors);
  return input as InputOf<E>; // Parsed by the very schemas that the type is made of.
}

/** `?status=&limit=5`: an empty value is no value. */
function withoutEmpty(query: unknown): unknown {
  if (typeof query !== "object" || query === null) return query;
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== ""),
  );
}

const MAX_FIELD_LENGTH = 100;

function fieldProblems(error: z.ZodError, part: string): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key, index) => ({
        field: [...at, key].join(".").slice(0, MAX_FIELD_LENGTH),
        // What is known is told once: a body can hold thousands of other keys.
        message: index === 0 ? issue.message : "is not known here",
      }));
    }
    const field = at.join(".").slice(0, MAX_FIELD_LENGTH);
    return [{ field: field || part, message: issue.message }];
  });
}
