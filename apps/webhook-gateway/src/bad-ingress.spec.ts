import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { signWebhook } from "@pullwright/github/webhook";
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import {
  secret,
  send,
  startGateway,
  type GatewayUnderTest,
} from "./__fixtures__/gateway.js";

// Rows of the abuse table that are about what may come in at all. Row 5 has hostile-uploads.spec.ts.

const MB = 1024 * 1024;
const issue = JSON.stringify({
  action: "labeled",
  issue: { number: 7 },
  label: { name: "adw" },
  repository: { id: 99, full_name: "octo/shop" },
});
const valid = signWebhook(secret, issue);

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

type Change = Parameters<typeof send>[2];
const signature = (value: string | null): Change => ({
  headers: { "x-hub-signature-256": value },
});

const refusals: readonly [string, number, string | Uint8Array, Change][] = [
  ["row 1: no signature", 401, issue, signature(null)],
  ["row 1: no signature on what is no JSON", 401, "{", signature(null)],
  ["row 1: an empty signature", 401, issue, signature("")],
  [
    "row 2: another signature of the right length",
    401,
    issue,
    signature(`sha256=${"0".repeat(64)}`),
  ],
  [
    "row 2: one that differs in its last digit",
    401,
    issue,
    signature(valid.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"))),
  ],
  [
    "row 2: one that was made with another secret",
    401,
    issue,
    { signWith: "x" },
  ],
  ["row 3: one that is too short", 401, issue, signature(valid.slice(0, -1))],
  ["row 3: one that is too long", 401, issue, signature(`${valid}0`)],
  [
    "row 3: one that is not hexadecimal",
    401,
    issue,
    signature(`sha256=${"z".repeat(64)}`),
  ],
  [
    "row 3: SHA-1 alone",
    401,
    issue,
    {
      headers: {
        "x-hub-signature-256": null,
        "x-hub-signature": `sha1=${"a".repeat(40)}`,
      },
    },
  ],
  ["row 3: two in one", 401, issue, signature(`${valid}, ${valid}`)],
  [
    "row 4: the same JSON written otherwise",
    401,
    JSON.stringify(JSON.parse(issue), null, 2),
    signature(valid),
  ],
  ["row 4: one more blank", 401, `${issue} `, signature(valid)],
  [
    "row 4: another normal form of the same letters",
    401,
    '{"title":"é"}'.normalize("NFD"),
    signature(signWebhook(secret, '{"title":"é"}'.normalize("NFC"))),
  ],
  [
    "row 6: a bomb of 100 MB in gzip",
    415,
    gzipSync(Buffer.alloc(100 * MB)),
    { headers: { "content-encoding": "gzip" } },
  ],
  [
    "row 6: an unknown encoding",
    415,
    issue,
    { headers: { "content-encoding": "br, zstd" } },
  ],
  [
    "row 6: a form",
    415,
    `payload=${encodeURIComponent(issue)}`,
    { headers: { "content-type": "application/x-www-form-urlencoded" } },
  ],
  ["row 6: gzip that is not announced", 400, gzipSync(issue), {}],
  ["row 10: JSON that breaks off", 400, issue.slice(0, -1), {}],
  ["row 10: no object", 400, '["labeled"]', {}],
  ["row 10: bytes that are no UTF-8", 400, Buffer.from([0x7b, 0xff, 0x7d]), {}],
];

describe("refused, without a row:", () => {
  test.each(refusals)("%s is %i", async (_what, status, body, change) => {
    const before = await gateway.rows();
    const memory = process.memoryUsage().rss;
    const answer = await send(gateway, body, change);
    expect(answer.status).toBe(status);
    expect(await gateway.rows()).toEqual(before);
    expect(process.memoryUsage().rss - memory).toBeLessThan(64 * MB);
  });

  test("row 3: a header that comes twice is 401", async () => {
    const before = await gateway.rows();
    const { port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1");
      let text = "";
      socket
        .on("data", (chunk) => (text += chunk.toString()))
        .on("close", () => resolve(text))
        .on("error", reject);
      socket.end(
        [
          "POST /webhooks/github HTTP/1.1",
          "Host: x",
          "Connection: close",
          "Content-Type: application/json",
          "X-GitHub-Event: issues",
          `X-GitHub-Delivery: ${randomUUID()}`,
          `X-Hub-Signature-256: ${valid}`,
          `X-Hub-Signature-256: ${valid}`,
          `Content-Length: ${issue.length.toString()}`,
          "",
          issue,
        ].join("\r\n"),
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(await gateway.rows()).toEqual(before);
  });
});

describe("taken byte for byte, once:", () => {
  test.each([
    ["row 4: letters of four bytes", '{"text":"🙂𝒳\u{10ffff}"}'],
    ["row 4: separators of lines", '{"text":"\u2028\u2029\u0085"}'],
    ["row 4: an escaped half of a letter", '{"text":"\\ud83d"}'],
    ["row 4: an escaped NUL", '{"text":"\\u0000"}'],
    ["row 4: unusual blanks", ` \n\t{ "text" : 1 }\r\n`],
    ["row 10: an unknown action", '{"action":"danced"}'],
    ["row 10: wrong types", '{"action":{},"issue":[],"repository":"x"}'],
    ["row 10: the same key twice", '{"action":"opened","action":"closed"}'],
    [
      "row 10: a prototype",
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ],
    [
      "row 10: 100,000 levels",
      `{"deep":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
    ],
    ["row 10: a number beyond all", '{"repository":{"id":1e999999}}'],
  ])("%s", async (_what, body) => {
    const answer = await send(gateway, body);
    expect(answer.status).toBe(202);
    const rows = await gateway.rows();
    const row = rows.find(({ id }) => id === answer.body["delivery_id"]);
    expect(row?.payload).toBe(body);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  test("row 7: the same GUID again is 200 and no second row, even with another body", async () => {
    const headers = { "x-github-delivery": randomUUID() };
    const first = await send(gateway, issue, { headers });
    expect(first.status).toBe(202);
    const count = (await gateway.rows()).length;
    for (const body of [issue, issue, '{"action":"another"}'])
      expect(await send(gateway, body, { headers })).toMatchObject({
        status: 200,
        body: {
          status: "duplicate",
          delivery_id: first.body["delivery_id"],
        },
      });
    expect(await gateway.rows()).toHaveLength(count);
  });
});
