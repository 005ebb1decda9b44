import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { asProblem, refused, sendRaw } from "../__fixtures__/call.js";
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
