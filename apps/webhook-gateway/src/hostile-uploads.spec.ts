import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { signWebhook } from "@pullwright/github/webhook";
import { until } from "@pullwright/testing";
import { request, type ClientRequest } from "node:http";
import { createConnection } from "node:net";
import { once } from "node:events";
import {
  secret,
  send,
  startGateway,
  type GatewayUnderTest,
} from "./__fixtures__/gateway.js";

const MB = 1024 * 1024;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway({
    limits: {
      requestTimeoutMs: 2_000,
      headersTimeoutMs: 800,
      maxUploadBytes: 60 * MB,
    },
  });
});
afterAll(() => gateway.close());

const headers = {
  "content-type": "application/json",
  "x-github-event": "push",
  "x-github-delivery": "upload-1",
  "x-hub-signature-256": signWebhook(secret, "whatever"),
};

function open(extra: Record<string, string> = {}): {
  client: ClientRequest;
  status: Promise<number>;
} {
  const client = request(`${gateway.url}/webhooks/github`, {
    method: "POST",
    headers: { ...headers, ...extra },
  });
  const status = new Promise<number>((resolve) => {
    client.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    client.on("error", () => resolve(-1));
  });
  return { client, status };
}

async function expectAlive(): Promise<void> {
  await until(
    async () => (await send(gateway, '{"alive":true}')).status === 202,
    "webhooks are taken",
  );
}

test("a genuine payload of 24 MB is taken", async () => {
  const body = JSON.stringify({
    action: "opened",
    padding: "x".repeat(24 * MB),
  });
  const answer = await send(gateway, body);
  expect(answer.status).toBe(202);
  const row = (await gateway.rows()).find(
    ({ id }) => id === answer.body["delivery_id"],
  );
  expect(row?.payload.length).toBe(body.length);
});

test("26 MB that are announced are refused before they are read", async () => {
  const { client, status } = open({ "content-length": (26 * MB).toString() });
  client.flushHeaders();
  expect(await status).toBe(413);
  client.destroy();
});

test("size comes before all other faults", async () => {
  const { client, status } = open({
    "content-length": (26 * MB).toString(),
    "content-type": "text/plain",
  });
  client.flushHeaders();
  expect(await status).toBe(413);
  client.destroy();
});

test("26 MB that come unannounced are refused, and the sender hears it", async () => {
  const { client, status } = open();
  const chunk = Buffer.alloc(MB, 0x20);
  for (let sent = 0; sent < 26; sent += 1)
    if (!client.write(chunk)) await once(client, "drain");
  client.end();
  expect(await status).toBe(413);
});

test("uploads together take no more memory than they may; the room comes back when they end", async () => {
  const uploads = Array.from({ length: 8 }, () =>
    open({ "content-length": (20 * MB).toString() }),
  );
  for (const { client } of uploads) client.write(Buffer.alloc(1024, 0x20));
  const refused: number[] = [];
  for (const { status } of uploads)
    void status.then((code) => refused.push(code));
  await until(() => refused.length === 5, "five of eight are refused at once");
  expect(refused).toEqual([503, 503, 503, 503, 503]);
  for (const { client } of uploads) client.destroy();
  await expectAlive();
  const later = open({ "content-length": (20 * MB).toString() });
  later.client.write("{");
  await expect(
    Promise.race([
      later.status,
      new Promise((resolve) => setTimeout(() => resolve("waits"), 300)),
    ]),
  ).resolves.toBe("waits");
  later.client.destroy();
});

test("an upload that is broken off leaves no row and no harm", async () => {
  const before = (await gateway.rows()).length;
  const { client } = open({ "content-length": "1000" });
  client.write('{"action"');
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.destroy();
  await expectAlive();
  expect(await gateway.rows()).toHaveLength(before + 1);
});

test("a body that trickles in is cut off", async () => {
  const { client, status } = open({ "content-length": "1000" });
  const startedMs = Date.now();
  const trickle = setInterval(() => client.write("x"), 100);
  expect([408, -1]).toContain(await status);
  clearInterval(trickle);
  client.destroy();
  expect(Date.now() - startedMs).toBeLessThan(6_000);
});

test("headers that trickle in are cut off", async () => {
  const socket = createConnection(
    Number(new URL(gateway.url).port),
    "127.0.0.1",
  );
  const startedMs = Date.now();
  socket.on("error", () => undefined); // Cut off is what we wait for.
  socket.write("POST /webhooks/github HTTP/1.1\r\nHost: x\r\n");
  const trickle = setInterval(() => socket.write("X-Slow: 1\r\n"), 100);
  socket.resume();
  await once(socket, "close");
  clearInterval(trickle);
  expect(Date.now() - startedMs).toBeLessThan(5_000);
  await expectAlive();
});
