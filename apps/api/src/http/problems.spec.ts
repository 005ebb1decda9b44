import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "node:net";
import { endpoints, type Endpoint } from "@pullwright/contracts";
import {
  asProblem,
  refused,
  sendRaw,
  type Called,
} from "../__fixtures__/call.js";
import { trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
let adwId: string;
beforeAll(async () => {
  api = await startApiUnderTest({ limits: { requests: 1_000_000 } });
  adwId = await trigger(api);
});
afterAll(() => api.close());

const raw = async (method: string, path: string, options = {}) =>
  asProblem(await sendRaw(api, method, path, options));

describe("a refusal", () => {
  test("is a problem with a type to branch on and the id of the request", async () => {
    const { body, headers } = await refused(api, "getWorkflow", {
      params: { adw_id: "zzzzzzzz" },
    });
    expect(body.type).toBe("urn:pullwright:problem:not-found");
    expect(body.instance).toBe(
      `urn:pullwright:request:${headers.get("x-request-id") ?? ""}`,
    );
  });

  test.each([
    ["{", 400],
    ['{"issue_number": 1,}', 400],
    ["undefined", 400],
    ['{"__proto__": {"admin": true}}', 400],
    ['{"constructor": {"prototype": {"admin": true}}}', 400],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, 400],
    [`"${"x".repeat(2_000_000)}"`, 413],
  ])("of a malformed body has its status: %.30s", async (body, status) => {
    const answer = await raw("POST", "/api/workflows/trigger", { body });
    expect(answer.status).toBe(status);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "text/xml"])(
    "of a body of type %s is 415",
    async (type) => {
      const answer = await raw("POST", `/api/workflows/${adwId}/cancel`, {
        body: "reason=x",
        headers: { "content-type": type },
      });
      expect(answer.status).toBe(415);
    },
  );

  test("of an unknown address is 404, of a wrong method 405 with the right ones", async () => {
    expect((await raw("GET", "/api/unknown")).status).toBe(404);
    expect((await raw("GET", "/")).status).toBe(404);
    const wrong = await raw("PUT", `/api/workflows/${adwId}`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, DELETE");
  });

  test("of an address that is not well-formed is 400", async () => {
    expect((await raw("GET", "/api/workflows/%zz")).status).toBe(400);
  });

  test("says 503 while Postgres is away, and all is well afterwards", async () => {
    await api.link.cut();
    try {
      const { status, headers } = await refused(api, "listWorkflows");
      expect(status).toBe(503);
      expect(headers.get("retry-after")).not.toBeNull();
      const ready = await sendRaw(api, "GET", "/health/ready", { key: null });
      expect(ready.status).toBe(503);
      expect((await sendRaw(api, "GET", "/health", { key: null })).status).toBe(
        200,
      );
    } finally {
      await api.link.restore();
    }
    expect((await sendRaw(api, "GET", "/api/workflows")).status).toBe(200);
  });
});

describe("rubbish", () => {
  const rubbish = [
    "NaN",
    "Infinity",
    "1e9",
    "-1",
    "0x10",
    "99999999999999999999",
    "9007199254740993",
    "' OR 1=1; --",
    "a\r\nSet-Cookie: x=y",
    "__proto__",
    "constructor",
    "../../../etc/passwd",
    "\u0000",
    "😀‮",
    "\u2028",
    " ",
    "[object Object]",
    "<script>alert(1)</script>",
    "${7*7}",
    "x".repeat(300),
  ];

  /** Every address of the catalog with rubbish in each place in turn. */
  function* attacks(endpoint: Endpoint) {
    const { method, path } = endpoint;
    const good = path
      .replace("{adw_id}", adwId)
      .replace(/\{(?:id)\}/g, "8a7c1b1e-4e53-4b51-9a3e-000000000000")
      .replace(/\{(?:n|a|b)\}/g, "1")
      .replace("{owner}", "acme")
      .replace("{name}", "shop");
    for (const value of rubbish) {
      const encoded = encodeURIComponent(value);
      for (const [name] of path.matchAll(/\{\w+\}/g))
        yield {
          method,
          path: path.replace(name, encoded).replace(/\{\w+\}/g, "1"),
        };
      for (const key of [...Object.keys(endpoint.query?.shape ?? {}), value]) {
        const at = `${good}?${encodeURIComponent(key)}=${encoded}`;
        yield { method, path: at };
        yield { method, path: `${at}&${encodeURIComponent(key)}=2` };
      }
      const fields = bodyFields(endpoint);
      for (const field of fields) {
        yield { method, path: good, body: { [field]: value } };
        yield { method, path: good, body: { [field]: [value] } };
        yield { method, path: good, body: { [field]: { [value]: value } } };
      }
      if (endpoint.body) {
        yield { method, path: good, body: [value] };
        yield { method, path: good, body: JSON.stringify(value) };
        yield { method, path: good, body: value };
      }
    }
    for (const field of bodyFields(endpoint))
      for (const value of [null, true, 1e308, -0, 1e-9, {}, [], [[]]])
        yield { method, path: good, body: { [field]: value } };
  }

  const bodyFields = (endpoint: Endpoint): string[] =>
    endpoint.body && "shape" in endpoint.body
      ? Object.keys(endpoint.body.shape as object)
      : [];

  /** Streams never end by themselves, and these change what the others need. */
  const leftOut = new Set<string>([
    "streamLogs",
    "streamEvents",
    "streamAllEvents",
    "deleteWorkflow",
  ]);
  const names = (Object.keys(endpoints) as (keyof typeof endpoints)[]).filter(
    (name) => !leftOut.has(name),
  );

  test.each(names)(
    "anywhere in %s is never our fault",
    async (name) => {
      const failures: string[] = [];
      let sent = 0;
      for (const { method, path, ...options } of attacks(endpoints[name])) {
        const answer: Called<unknown> = await sendRaw(
          api,
          method,
          path,
          options,
        );
        sent += 1;
        if (answer.status >= 500 || answer.headers.has("set-cookie"))
          failures.push(
            `${method} ${path} ${JSON.stringify(options)}: ${answer.status.toString()}`,
          );
        else if (answer.status >= 400) asProblem(answer);
      }
      expect(failures).toEqual([]);
      expect(sent).toBeGreaterThan(0);
    },
    60_000,
  );

  test.each(["streamLogs", "streamEvents"] as const)(
    "in the start of %s is a 400 that names it",
    async (name) => {
      for (const value of rubbish) {
        const answer = await refused(api, name, {
          params: { adw_id: adwId },
          query: { after: value },
        });
        expect(answer.status).toBe(400);
        expect(answer.body.errors).toMatchObject([{ field: "after" }]);
      }
      const { status } = await refused(api, name, {
        params: { adw_id: adwId },
        headers: { "last-event-id": "soon" },
      });
      expect(status).toBe(400);
    },
  );

  test("in place of HTTP closes the connection and harms nobody", async () => {
    const { port } = new URL(api.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.write("GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n"),
      );
      let text = "";
      socket
        .on("data", (chunk) => (text += chunk.toString()))
        .on("close", () => resolve(text))
        .on("error", () => undefined);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await sendRaw(api, "GET", "/health")).status).toBe(200);
  });
});
