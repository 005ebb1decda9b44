import { afterEach, expect, test } from "@jest/globals";
import { freePort, until } from "@pullwright/testing";
import { randomUUID } from "node:crypto";
import {
  send,
  startGateway,
  type GatewayUnderTest,
} from "./__fixtures__/gateway.js";

const issue = '{"action":"labeled"}';
let gateway: GatewayUnderTest;
afterEach(() => gateway.close());

test("while Postgres is away everything is answered 503, and the redelivery is taken afterwards", async () => {
  gateway = await startGateway();
  await gateway.runtime.stores.apiKeys.store({
    key: "pw_scraper",
    name: "spec",
    scopes: ["read"],
  });
  const metrics = async (key = "pw_scraper") => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await fetch(`${gateway.url}/metrics`, { headers });
    return { status: answer.status, text: await answer.text() };
  };
  expect((await metrics()).status).toBe(200);
  await gateway.link.cut();
  const guids = Array.from({ length: 30 }, () => randomUUID());
  const answers = await Promise.all(
    guids.map((guid) =>
      send(gateway, issue, { headers: { "x-github-delivery": guid } }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(answers[0]?.headers.get("retry-after")).toBe("10");
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(503);
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  const { status, text } = await metrics();
  expect(status).toBe(200);
  expect(text).toMatch(/webhook_requests_total\{[^}]*status="503"[^}]*\} 30/);
  expect((await metrics("pw_another")).status).toBe(503);
  expect((await send(gateway, issue, { signWith: "wrong" })).status).toBe(401); // Needs no Postgres.
  await gateway.link.restore();
  await until(
    async () => (await send(gateway, issue)).status === 202,
    "webhooks are taken again",
  );
  for (const guid of guids)
    expect(
      (await send(gateway, issue, { headers: { "x-github-delivery": guid } }))
        .status,
    ).toBe(202);
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
});

test("while Postgres hangs the answer is 503 within GitHub's patience", async () => {
  gateway = await startGateway();
  await send(gateway, issue);
  gateway.link.freeze();
  const startedMs = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => send(gateway, issue)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(Date.now() - startedMs).toBeLessThan(9_000);
  gateway.link.thaw();
  await until(
    async () => (await send(gateway, issue)).status === 202,
    "webhooks are taken again",
    15_000,
  );
});

test("without the queue webhooks are taken all the same, and at once", async () => {
  gateway = await startGateway({
    environment: {
      REDIS_URL: `redis://127.0.0.1:${(await freePort()).toString()}`,
    },
  });
  const startedMs = Date.now();
  for (let index = 0; index < 10; index += 1)
    expect((await send(gateway, issue)).status).toBe(202);
  // Ten that each wait until a ring is given up would take fifteen seconds.
  expect(Date.now() - startedMs).toBeLessThan(10_000);
  expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  expect(await gateway.rows()).toHaveLength(10);
});
