import { endpoints, problem, type Endpoint } from "@pullwright/contracts";
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";

/** Refusals that any endpoint may give; the guarded ones have all of them. */
const always = {
  400: "The request cannot be used as it is; `errors` names the fields.",
  429: "Too many requests.",
  500: "Something went wrong on our side.",
  503: "A service that is needed does not answer.",
};
const guarded = { 401: "No valid key.", 403: "The key lacks the scope." };

let document: oas31.OpenAPIObject | undefined;

/** The OpenAPI document, made from the catalog of endpoints. */
export function openApiDocument(): oas31.OpenAPIObject {
  document ??= createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Pullwright",
        version: "1",
        description:
          "Turns GitHub issues into tested pull requests. Refusals are RFC 9457 problems.",
      },
      servers: [{ url: "/" }],
      components: {
        securitySchemes: {
          key: {
            type: "http",
            scheme: "bearer",
            description: "An API key. `admin` includes every other scope.",
          },
        },
      },
      paths: paths(),
    },
    { allowEmptySchema: { unknown: true } },
  );
  return document;
}

function paths(): ZodOpenApiPathsObject {
  const all: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = (all[endpoint.path] ??= {});
    path[endpoint.method.toLowerCase()] = operation(name, endpoint);
  }
  return all;
}

function operation(
  operationId: string,
  endpoint: Endpoint,
): ZodOpenApiOperationObject {
  const { params, query, headers, body, answer, access } = endpoint;
  const scope = access.startsWith("open-") ? "read" : access;
  const refusals = {
    ...always,
    ...(access === "public" ? {} : guarded),
    ...endpoint.refusals,
  };
  return {
    operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: [endpoint.description, `Scope: \`${scope}\`.`]
      .filter((text) => text !== undefined)
      .join("\n\n"),
    security: access === "public" ? [] : [{ key: [] }],
    requestParams: {
      ...(params ? { path: params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { header: headers } : {}),
    },
    ...(body
      ? {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { "application/json": { schema: body } },
          },
        }
      : {}),
    responses: {
      [endpoint.status.toString()]: {
        description: answer.description,
        ...contentOf(answer),
      },
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          {
            description,
            content: { "application/problem+json": { schema: problem } },
          },
        ]),
      ),
    },
  };
}

function contentOf({ schema, contentType, alternative }: Endpoint["answer"]) {
  const text = { schema: { type: "string" as const } };
  const content = {
    ...(schema ? { "application/json": { schema } } : {}),
    ...(contentType === undefined ? {} : { [contentType]: text }),
    ...(alternative === undefined ? {} : { [alternative]: text }),
  };
  return Object.keys(content).length === 0 ? {} : { content };
}
