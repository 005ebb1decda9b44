import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { EndpointName } from "@pullwright/contracts";
import { asProblem, call, refused, sendRaw } from "../__fixtures__/call.js";
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

  test.each(["null", "[]", '[{"reason": "x"}]', "7", '"reason"', "false"])(
    "of a body that is no object is 400 and says what it must be, also where all fields may be left out: %s",
    async (body) => {
      for (const path of [`${adwId}/cancel`, `${adwId}/retry`, "trigger"]) {
        const answer = await raw("POST", `/api/workflows/${path}`, { body });
        expect(answer.status).toBe(400);
        expect(answer.body.detail).toBe(
          "body: must be a JSON object in braces",
        );
      }
      const { body: run } = await call(api, "getWorkflow", {
        params: { adw_id: adwId },
      });
      expect(run).toMatchObject({ status: "pending", cancel_requested: false });
    },
  );

  const valid = { issue_number: 1, workflow: "adw_plan" };
  const key = { name: "ci", scopes: ["read"] };
  test.each<[EndpointName, object, string, string]>([
    ["triggerWorkflow", { issue_number: 1 }, "workflow", "is missing: it must"],
    [
      "triggerWorkflow",
      { ...valid, workflow: null },
      "workflow",
      "must be a text in quotation marks",
    ],
    [
      "triggerWorkflow",
      { ...valid, priority: 3 },
      "priority",
      "must be one of low, normal, high",
    ],
    [
      "triggerWorkflow",
      { ...valid, isue: 1 },
      "isue",
      "is not known here; known are issue_number, text, workflow,",
    ],
    ["createKey", { ...key, scopes: "read" }, "scopes", "must be a list"],
    ["createKey", { ...key, scopes: ["all"] }, "scopes.0", "must be one of re"],
    [
      "createKey",
      { ...key, expires_at: "tomorrow" },
      "expires_at",
      "must be a moment in UTC such as 2026-01-31T12:00:00Z",
    ],
  ])(
    "of a body for %s says how to mend it: %j",
    async (name, body, field, message) => {
      const answer = await refused(api, name, { body });
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toMatchObject([
        { field, message: expect.stringContaining(message) },
      ]);
    },
  );

  test("of a parameter that comes twice says so", async () => {
    const path = "/api/workflows?status=failed&status=pending";
    expect((await raw("GET", path)).body.detail).toBe(
      "status: must be given once",
    );
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
