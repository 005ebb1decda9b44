import { afterEach, expect, test } from "@jest/globals";
import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { createSilentLogger, sleep } from "@pullwright/platform";
import { fastify } from "fastify";
import { answerBeforeClosing } from "./answer-before-closing.js";

const MB = 1024 * 1024;
const DEADLINE_MS = 5_000;

const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

/** A server whose `/slow` is answered once it is let, and whose `/large` is more than a connection buffers. */
async function started(deadlineMs = DEADLINE_MS) {
  const server = fastify({
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
  answerBeforeClosing(server, createSilentLogger(), deadlineMs);
  const gate = new EventEmitter();
  const asked = once(gate, "asked");
  const allowed = once(gate, "allowed");
  server.get("/slow", async () => {
    gate.emit("asked");
    await allowed;
    return "slow";
  });
  server.get("/quick", () => "quick");
  server.get("/large", () => "x".repeat(20 * MB));
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  const close = async () => {
    const startedAt = performance.now();
    await server.close();
    return performance.now() - startedAt;
  };
  return {
    port: Number(new URL(url).port),
    url,
    asked,
    allow: () => gate.emit("allowed"),
    close,
  };
}

async function socketTo(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

test("a request that is being answered when the server closes gets its answer, and new ones are refused", async () => {
  const { url, asked, allow, close } = await started();
  const answer = fetch(`${url}/slow`);
  await asked;
  const closed = close();
  await sleep(100);
  await expect(fetch(`${url}/quick`)).rejects.toThrow();
  allow();
  const { status, headers } = await answer;
  expect([status, headers.get("connection")]).toEqual([200, "close"]);
  expect(await (await answer).text()).toBe("slow");
  expect(await closed).toBeLessThan(DEADLINE_MS);
});

test("an answer that is still being sent when the server closes arrives whole", async () => {
  const { port, close } = await started();
  const socket = await socketTo(port);
  socket.write(get("/large"));
  const [first] = (await once(socket, "data")) as [Buffer];
  let bytes = first.length;
  socket.pause();
  const closed = close();
  await sleep(200);
  socket.on("data", (chunk) => (bytes += chunk.length));
  socket.resume();
  await once(socket, "close");
  expect(bytes).toBeGreaterThan(20 * MB);
  expect(await closed).toBeLessThan(DEADLINE_MS);
});

test("connections on which nothing is asked keep no server open", async () => {
  const { port, close } = await started();
  const used = await socketTo(port);
  used.write(get("/quick"));
  await once(used, "data");
  const silent = await socketTo(port);
  const ends = Promise.all([once(used, "close"), once(silent, "close")]);
  expect(await close()).toBeLessThan(1_000);
  await ends;
});

test("requests in a row whose connection broke keep no server open", async () => {
  const { port, asked, close } = await started();
  const socket = await socketTo(port);
  socket.write(get("/slow") + get("/slow") + get("/slow"));
  await asked;
  await sleep(100);
  socket.destroy();
  await sleep(100);
  expect(await close()).toBeLessThan(1_000);
});

test("a request that is not answered in time is cut", async () => {
  const { url, asked, allow, close } = await started(200);
  const answer = fetch(`${url}/slow`);
  const refused = expect(answer).rejects.toThrow();
  await asked;
  const took = await close();
  await refused;
  expect(took).toBeGreaterThan(150);
  expect(took).toBeLessThan(2_000);
  allow();
});
