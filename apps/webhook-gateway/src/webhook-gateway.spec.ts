import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { signWebhook } from "@pullwright/github/webhook";
import { until } from "@pullwright/testing";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import {
  nextSecret,
  send,
  startGateway,
  type GatewayUnderTest,
} from "./__fixtures__/gateway.js";

interface Definition {
  readonly name: string;
  readonly examples: readonly object[];
}
const definitions = createRequire(import.meta.url)(
  "@octokit/webhooks-examples",
) as Definition[]; // GitHub's published payloads.
const examples = definitions.flatMap(({ name, examples }) =>
  examples.map((payload) => ({
    event: name,
    body: JSON.stringify(payload),
    guid: randomUUID(),
  })),
);

const issue = JSON.stringify({
  action: "labeled",
  issue: { number: 7 },
  label: { name: "adw" },
  repository: { id: 99, full_name: "octo/foreign" },
});

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe("all 329 published payloads", () => {
  const sendExample = (example: (typeof examples)[number], signWith?: string) =>
    send(gateway, example.body, {
      headers: {
        "x-github-event": example.event,
        "x-github-delivery": example.guid,
      },
      ...(signWith === undefined ? {} : { signWith }),
    });

  test("signed wrongly are refused, and nothing is kept", async () => {
    expect(examples).toHaveLength(329);
    const before = await gateway.rows();
    for (const example of examples)
      expect((await sendExample(example, "another secret")).status).toBe(401);
    expect(await gateway.rows()).toEqual(before);
  });

  test("signed rightly are taken once, byte for byte, and known when repeated", async () => {
    for (const example of examples) {
      const first = await sendExample(example);
      expect(first).toMatchObject({
        status: 202,
        body: { status: "recorded" },
      });
      expect(await sendExample(example)).toMatchObject({
        status: 200,
        body: { status: "duplicate", delivery_id: first.body["delivery_id"] },
      });
    }
    const rows = new Map((await gateway.rows()).map((row) => [row.guid, row]));
    expect(examples.map(({ guid }) => rows.get(guid)?.payload)).toEqual(
      examples.map(({ body }) => body),
    );
    expect(rows.size).toBe(329);
  });
});

describe("a webhook", () => {
  test("is recorded with its facts, also from a repository that nobody registered, and rings", async () => {
    const rung: string[] = [];
    gateway.runtime.queues.work(
      "pipeline-events",
      {
        "delivery.received": ({ deliveryId }) => {
          rung.push(deliveryId);
          return Promise.resolve();
        },
      },
      { concurrency: 1 },
    );
    const { body } = await send(gateway, issue);
    await until(() => rung.includes(String(body["delivery_id"])), "it rings");
    const row = (await gateway.rows()).find(
      ({ id }) => id === body["delivery_id"],
    );
    expect(row).toMatchObject({
      event: "issues",
      action: "labeled",
      repository_full_name: "octo/foreign",
      payload: issue,
    });
  });

  test("may be signed with the next secret while the old one is replaced", async () => {
    expect((await send(gateway, issue, { signWith: nextSecret })).status).toBe(
      202,
    );
  });

  test("may come with a slash at the end of its address", async () => {
    const path = "/webhooks/github/";
    expect((await send(gateway, issue, { path })).status).toBe(202);
    const foreign = { path, signWith: "wrong" };
    expect((await send(gateway, issue, foreign)).status).toBe(401);
  });

  test("sent 50 times at once is one row", async () => {
    const guid = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        send(gateway, issue, { headers: { "x-github-delivery": guid } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(
      (await gateway.rows()).filter((row) => row.guid === guid),
    ).toHaveLength(1);
  });

  test.each([
    ["letters of all alphabets", '{"text":"Grüße 世界 🙂 \\u0000 \\ud800"}'],
    ["an unknown action", '{"action":"danced"}'],
    [
      "wrong types",
      '{"action":[],"repository":7,"issue":"x","label":null,"sender":{"id":"1"}}',
    ],
    [
      "a prototype",
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ],
    ["the same key twice", '{"action":"opened","action":"closed"}'],
    ["100,000 levels", `{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    [
      "numbers beyond reason",
      '{"repository":{"id":1e999},"issue":{"number":99999999999999999999}}',
    ],
  ])("with %s is taken as it is", async (_what, body) => {
    const answer = await send(gateway, body);
    expect(answer.status).toBe(202);
    const row = (await gateway.rows()).find(
      ({ id }) => id === answer.body["delivery_id"],
    );
    expect(row?.payload).toBe(body);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a request is refused, without a row,", () => {
  const valid = signWebhook("the current secret", issue);
  const cases: readonly [
    string,
    number,
    string | Uint8Array,
    Parameters<typeof send>[2],
  ][] = [
    [
      "without a signature",
      401,
      issue,
      { headers: { "x-hub-signature-256": null } },
    ],
    ["with a wrong signature", 401, issue, { signWith: "wrong" }],
    [
      "with a short signature",
      401,
      issue,
      { headers: { "x-hub-signature-256": valid.slice(0, -2) } },
    ],
    [
      "with a signature that is not hexadecimal",
      401,
      issue,
      { headers: { "x-hub-signature-256": `sha256=${"g".repeat(64)}` } },
    ],
    [
      "with SHA-1 only",
      401,
      issue,
      {
        headers: {
          "x-hub-signature-256": null,
          "x-hub-signature": `sha1=${"a".repeat(40)}`,
        },
      },
    ],
    [
      "with the signature of the same JSON written otherwise",
      401,
      JSON.stringify(JSON.parse(issue), null, 1),
      { headers: { "x-hub-signature-256": valid } },
    ],
    ["by GET", 405, issue, { method: "GET" }],
    ["by HEAD", 405, issue, { method: "HEAD" }],
    ["by PUT", 405, issue, { method: "PUT" }],
    ["by DELETE", 405, issue, { method: "DELETE" }],
    ["by OPTIONS", 405, issue, { method: "OPTIONS" }],
    [
      "as a form",
      415,
      `payload=${encodeURIComponent(issue)}`,
      { headers: { "content-type": "application/x-www-form-urlencoded" } },
    ],
    [
      "without a content type",
      415,
      Buffer.from(issue),
      { headers: { "content-type": null } },
    ],
    [
      "in another character set",
      415,
      issue,
      { headers: { "content-type": "application/json; charset=utf-16" } },
    ],
    [
      "with a content type that is none",
      415,
      issue,
      { headers: { "content-type": ";;;" } },
    ],
    ["compressed", 415, issue, { headers: { "content-encoding": "gzip" } }],
    [
      "in an unknown encoding",
      415,
      issue,
      { headers: { "content-encoding": "x-bomb" } },
    ],
    ["without an event", 400, issue, { headers: { "x-github-event": null } }],
    [
      "with an odd event",
      400,
      issue,
      { headers: { "x-github-event": "../issues" } },
    ],
    [
      "without a delivery",
      400,
      issue,
      { headers: { "x-github-delivery": null } },
    ],
    [
      "with an odd delivery",
      400,
      issue,
      { headers: { "x-github-delivery": "a b" } },
    ],
    [
      "with an endless delivery",
      400,
      issue,
      { headers: { "x-github-delivery": "a".repeat(101) } },
    ],
    ["with no JSON", 400, '{"action":', {}],
    ["with JSON that is no object", 400, '"labeled"', {}],
    ["with a list", 400, "[]", {}],
    ["with nothing", 400, "", {}],
    [
      "with bytes that are no UTF-8",
      400,
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      {},
    ],
    ["with a byte order mark", 400, `\ufeff${issue}`, {}],
  ];

  test.each(cases)("%s: %i", async (_what, status, body, change) => {
    const before = (await gateway.rows()).length;
    const answer = await send(gateway, body, change);
    expect(answer.status).toBe(status);
    if (change?.method !== "HEAD")
      expect(answer.body).toMatchObject({ status, type: "about:blank" });
    if (status === 405) expect(answer.headers.get("allow")).toBe("POST");
    expect(await gateway.rows()).toHaveLength(before);
  });

  test.each([
    ["on another path", 404, "POST", "/webhooks/other", null],
    ["on no path", 404, "GET", "/", null],
    ["below the path", 404, "POST", "/webhooks/github/x", null],
    ["on an address that is none", 400, "POST", "/webhooks/%zz", null],
    [
      "by GET on the path with a slash",
      405,
      "GET",
      "/webhooks/github/",
      "POST",
    ],
    ["by POST for the health", 405, "POST", "/health?a=1", "GET, HEAD"],
    ["by DELETE for the metrics", 405, "DELETE", "/metrics", "GET, HEAD"],
    ["larger than this path takes", 413, "POST", "/webhooks/other", null],
  ])("%s: %i, as a problem", async (_what, status, method, path, allow) => {
    const body = status === 413 ? `"${"x".repeat(20_000)}"` : issue;
    const answer = await send(gateway, body, { method, path });
    expect(answer).toMatchObject({
      status,
      body: { type: "about:blank", status, detail: expect.any(String) },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("allow")).toBe(allow);
  });
});

describe("beside the webhook", () => {
  test("health and readiness are public", async () => {
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });

  test("metrics need a key, and count the answers", async () => {
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(401);
    await gateway.runtime.stores.apiKeys.store({
      key: "pw_spec-key",
      name: "spec",
      scopes: ["read"],
    });
    const count = async () => {
      const response = await fetch(`${gateway.url}/metrics`, {
        headers: { authorization: "Bearer pw_spec-key" },
      });
      expect(response.status).toBe(200);
      return Number(
        /webhook_requests_total\{[^}]*status="202"[^}]*\} (\d+)/.exec(
          await response.text(),
        )?.[1] ?? 0,
      );
    };
    const before = await count();
    await send(gateway, issue);
    await until(
      async () => (await count()) === before + 1,
      "the answer is counted",
    );
  });
});
