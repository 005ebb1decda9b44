import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "../openapi/document.js";

export const DOCS_PATH = "/api/docs";

/** Serves Swagger UI over our own document. */
export async function serveApiDocs(server: FastifyInstance): Promise<void> {
  await server.register(ourDocument);
  await server.register(swaggerUi, { routePrefix: DOCS_PATH, staticCSP: true });
}

/** Stands in for @fastify/swagger, which makes the document from routes: ours is made from the contracts. */
const ourDocument = Object.assign(
  (server: FastifyInstance, _options: unknown, done: () => void) => {
    server.decorate("swagger", () => openApiDocument());
    done();
  },
  {
    // How Fastify knows plugins by name, and lets them decorate the server itself.
    [Symbol.for("skip-override")]: true,
    [Symbol.for("plugin-meta")]: { name: "@fastify/swagger" },
  },
);
