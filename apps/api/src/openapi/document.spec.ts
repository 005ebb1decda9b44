import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { endpoints, formatJson, type Endpoint } from "@pullwright/contracts";
import { call, refused, sendRaw } from "../__fixtures__/call.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";
import { createApi } from "../start-api.js";
import { openApiDocument } from "./document.js";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
  }[];
  readonly responses: Readonly<Record<string, unknown>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({ environment: { API_DOCS: "open" } });
});
afterAll(() => api.close());

describe("the OpenAPI document", () => {
  test("is the committed one", async () => {
    const file = new URL("../../../../docs/api/openapi.json", import.meta.url);
    const wanted: unknown = JSON.parse(JSON.stringify(openApiDocument()));
    expect(await readFile(file, "utf8")).toBe(formatJson(wanted));
  });

  test("is what the API serves", async () => {
    const { body } = await call(api, "getOpenApi", { key: null });
    expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });

  test("describes every live route, and no other", async () => {
    const served: string[] = [];
    const app = await createApi({
      ...api.runtime,
      github: {} as never, // Nothing is called.
      limits: {} as never,
      version: "0",
    });
    const tree = app
      .getHttpAdapter()
      .getInstance()
      .printRoutes({ commonPrefix: false, includeMeta: false });
    await app.close();
    const depth: string[] = [];
    for (const line of tree.split("\n")) {
      const match = /^([│ ]*)(?:├──|└──) (\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
      if (!match) continue;
      const level = (match[1] ?? "").length / 4;
      depth.length = level;
      depth.push(match[2] ?? "");
      // Two routes share a place under two names; the first is the shorter one.
      const path = depth
        .join("")
        .replace(/:(\w+)/g, "{$1}")
        .replace(/\{n\}\|\{a\}$/, "{n}")
        .replace("{n}|{a}", "{a}");
      for (const method of match[3]?.split(", ") ?? [])
        served.push(`${method} ${path}`);
    }
    const ours = served.filter(
      (route) => !/ \/api\/(?:docs|queues)/.test(route),
    );
    const described = Object.entries(openApiDocument().paths as Paths).flatMap(
      ([path, operations]) =>
        Object.keys(operations).map(
          (method) => `${method.toUpperCase()} ${path}`,
        ),
    );
    expect(ours.sort()).toEqual(described.sort());
  });

  test("names every parameter, and what each endpoint may answer", () => {
    const paths = openApiDocument().paths as Paths;
    for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
      const operation = paths[endpoint.path]?.[endpoint.method.toLowerCase()];
      expect(operation?.operationId).toBe(name);
      const parameters = [
        ...Object.keys(endpoint.params?.shape ?? {}),
        ...Object.keys(endpoint.query?.shape ?? {}),
        ...Object.keys(endpoint.headers?.shape ?? {}),
      ];
      expect(
        operation?.parameters?.map((one) => one.name).sort() ?? [],
      ).toEqual(parameters.sort());
      for (const status of [endpoint.status, 400, 429, 500])
        expect(Object.keys(operation?.responses ?? {})).toContain(
          status.toString(),
        );
      for (const parameter of endpoint.path.matchAll(/\{(\w+)\}/g))
        expect(Object.keys(endpoint.params?.shape ?? {})).toContain(
          parameter[1],
        );
    }
  });
});

describe("Swagger UI", () => {
  test("is served with its scripts and a policy that allows no others", async () => {
    const page = await sendRaw(api, "GET", "/api/docs", { key: null });
    expect(page.status).toBe(200);
    expect(String(page.body)).toContain("swagger-ui");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).toMatch(/; script-src 'self' *;/);
    const script = await sendRaw(
      api,
      "GET",
      "/api/docs/static/swagger-ui-bundle.js",
      { key: null },
    );
    expect(script.status).toBe(200);
  });

  test("and the document are gone when they are switched off", async () => {
    const own = await startApiUnderTest({ environment: { API_DOCS: "off" } });
    try {
      expect((await refused(own, "getOpenApi")).status).toBe(404);
      expect((await sendRaw(own, "GET", "/api/docs")).status).toBe(404);
    } finally {
      await own.close();
    }
  });
});
