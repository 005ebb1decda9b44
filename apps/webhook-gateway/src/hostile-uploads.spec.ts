import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { signWebhook } from "@pullwright/github/webhook";
import { until } from "@pullwright/testing";
import { request, type ClientRequest } from "node:http";
import { createConnection } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
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
    limits: { maxUploadBytes: 60 * MB, uploadGraceMs: 600 },
  });
});
afterAll(() => gateway.close());

const headers = {
  "content-type": "application/json",
  "x-github-event": "push",
  "x-github-delivery": "upload-1",
  "x-hub-signature-256": signWebhook(secret, "whatever"),
};

function open(
  extra: Record<string, string> = {},
  { url } = gateway,
): {
  client: ClientRequest;
  status: Promise<number>;
} {
  const client = request(`${url}/webhooks/github`, {
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

async function expectAlive(sut = gateway): Promise<void> {
  await until(
    async () => (await send(sut, '{"alive":true}')).status === 202,
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

const large = JSON.stringify({ padding: "x".repeat(24 * MB) });

test("what is announced and not sent keeps nobody out", async () => {
  const length = (25 * MB).toString();
  const uploads = Array.from({ length: 40 }, () =>
    open({ "content-length": length }),
  );
  for (const { client } of uploads) client.flushHeaders();
  for (const { client } of uploads.slice(20)) client.write("{");
  await sleep(100);
  const statuses = await Promise.all(
    [large, ...Array.from({ length: 10 }, () => '{"alive":true}')].map(
      async (body) => (await send(gateway, body)).status,
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([202]));
  for (const { client } of uploads) client.destroy();
});

test("uploads together take no more memory than they may, and those that stall make room", async () => {
  let refused = 0;
  const uploads = Array.from({ length: 5 }, () => {
    const upload = open({ "content-length": (24 * MB).toString() });
    upload.client.write(Buffer.alloc(20 * MB, 0x20));
    void upload.status.then((status) => (refused += Number(status === 503)));
    return upload;
  });
  await until(() => refused === 3, "three of five are refused");
  await sleep(700);
  // There is room for one of this size once one of the others has given way.
  expect((await send(gateway, large)).status).toBe(202);
  await until(() => refused === 4, "one has made room");
  for (const { client } of uploads) client.destroy();
  await expectAlive();
});

test("a body in pieces of a byte takes no more memory than others", async () => {
  const socket = createConnection(
    Number(new URL(gateway.url).port),
    "127.0.0.1",
  );
  socket.on("error", () => undefined); // It may be cut off amid the pieces.
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`); // prettier-ignore
  socket.write(
    `POST /webhooks/github HTTP/1.1\r\nhost: x\r\n${head.join("")}transfer-encoding: chunked\r\n\r\n`,
  );
  const closed = once(socket, "close");
  let answer = "";
  socket.on("data", (data: Buffer) => (answer += data.toString()));
  const pieces = "1\r\nx\r\n".repeat(10_000);
  for (let sent = 0; sent < 30 && answer === ""; sent += 1) {
    socket.write(pieces);
    await sleep(10);
  }
  await until(() => answer !== "", "it is refused");
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  await closed; // It goes on sending, and is cut off.
  await expectAlive();
});

test("an upload that is broken off leaves no row and no harm", async () => {
  const before = (await gateway.rows()).length;
  const { client } = open({ "content-length": "1000" });
  client.write('{"action"');
  await sleep(50);
  client.destroy();
  await expectAlive();
  expect(await gateway.rows()).toHaveLength(before + 1);
});

describe("a gateway that waits two seconds for a request", () => {
  let hasty: GatewayUnderTest;
  beforeAll(async () => {
    hasty = await startGateway({
      limits: { requestTimeoutMs: 2_000, headersTimeoutMs: 800 },
    });
  });
  afterAll(() => hasty.close());

  test("a body that trickles in is cut off", async () => {
    const { client, status } = open({ "content-length": "1000" }, hasty);
    const startedMs = Date.now();
    const trickle = setInterval(() => client.write("x"), 100);
    expect([408, -1]).toContain(await status);
    clearInterval(trickle);
    client.destroy();
    expect(Date.now() - startedMs).toBeLessThan(6_000);
  });

  test("headers that trickle in are cut off", async () => {
    const socket = createConnection(
      Number(new URL(hasty.url).port),
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
    await expectAlive(hasty);
  });
});
