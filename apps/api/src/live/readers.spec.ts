import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { until } from "@pullwright/testing";
import { refused } from "../__fixtures__/call.js";
import { keptBytes } from "../__fixtures__/kept-bytes.js";
import { listen } from "../__fixtures__/listen.js";
import { lockTable, someoneWaits } from "../__fixtures__/lock-table.js";
import { claim, say, trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
  type ApiUnderTestOptions,
} from "../__fixtures__/running-api.js";

const MB = 1024 * 1024;

const withApi = async (
  options: ApiUnderTestOptions,
  check: (own: ApiUnderTest) => Promise<void>,
) => {
  const own = await startApiUnderTest(options);
  try {
    await check(own);
  } finally {
    await own.close();
  }
};
const logsOf = (adwId: string) => `/api/workflows/${adwId}/logs/stream`;

describe("readers", () => {
  test.each([
    ["as live events", 10],
    ["in batches that only the table holds", 400],
  ])(
    "that take nothing of what comes %s cost a bounded backlog, and then get what they missed",
    (_how, size) =>
      withApi({ limits: { streamBacklogBytes: 64 * 1024 } }, async (own) => {
        const adwId = await trigger(own);
        const claimed = await claim(own, adwId);
        const slow = await countingReader(own, logsOf(adwId));
        slow.socket.pause();
        const fast = await countingReader(own, logsOf(adwId));
        const lines = Array<string>(size).fill("x".repeat(5_000));
        const before = keptBytes();
        // The kernel's buffers hold a few of these 40 MB.
        for (let written = 0; written < 8_000; written += size)
          await say(own, adwId, claimed, lines);
        await until(() => fast.ids() === 8_000, "the fast reader", 60_000);
        const isBounded = () => keptBytes() - before < 10 * MB;
        await until(isBounded, "what is on its way is all that is held", 5_000);
        slow.socket.resume();
        await until(() => slow.ids() === 8_000, "the slow reader", 60_000);
        fast.socket.destroy();
        slow.socket.destroy();
      }),
    150_000,
  );

  test("of one key may open only so many streams, and others are served", () =>
    withApi({ limits: { streamsPerKey: 2 } }, async (own) => {
      const first = await listen(own, "/api/events");
      const second = await listen(own, "/api/events");
      expect((await refused(own, "streamAllEvents")).status).toBe(429);
      const key = await own.keyFor(["read"]);
      const other = await listen({ ...own, key }, "/api/events");
      expect(other.status).toBe(200);
      first.stop();
      await until(async () => {
        const again = await listen(own, "/api/events");
        again.stop();
        return again.status === 200;
      }, "the place that became free");
      second.stop();
      other.stop();
    }));

  test.each([
    ["the key", "api_keys", () => "/api/events"],
    ["the run", "workflow_runs", logsOf],
  ])("that leave while %s is looked up take no place", (_what, table, path) =>
    withApi({ limits: { streamsPerKey: 1 } }, async (own) => {
      const at = path(await trigger(own));
      for (let round = 0; round < 3; round += 1) {
        const unlock = await lockTable(own, table);
        const { socket } = await countingReader(own, at);
        await until(() => someoneWaits(own), "the look-up waits");
        socket.end();
        await once(socket, "close");
        await unlock();
      }
      const listener = await listen(own, at);
      expect(listener.status).toBe(200);
      listener.stop();
    }),
  );

  test("are let go when the service ends", async () => {
    const own = await startApiUnderTest();
    const listener = await listen(own, "/api/events");
    await own.close();
    await listener.ended;
  });

  test("that take nothing do not keep the service from ending", async () => {
    const own = await startApiUnderTest();
    const adwId = await trigger(own);
    const claimed = await claim(own, adwId);
    const slow = await countingReader(own, logsOf(adwId));
    const fast = await countingReader(own, logsOf(adwId));
    slow.socket.pause();
    // 20 MB, of which the kernel's buffers hold a few.
    const lines = Array<string>(400).fill("x".repeat(5_000));
    for (let written = 0; written < 4_000; written += lines.length)
      await say(own, adwId, claimed, lines);
    await until(() => fast.ids() === 4_000, "the fast reader", 60_000);
    const startedAt = performance.now();
    expect(await own.runtime.shutdown.run("the spec ends")).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(slow.ids()).toBeLessThan(4_000);
    slow.socket.destroy();
    await own.close();
  });
});

/** A reader over a bare socket, which can be paused, and which keeps nothing. */
async function countingReader(
  own: ApiUnderTest,
  path: string,
): Promise<{ socket: Socket; ids: () => number }> {
  const { port } = new URL(own.url);
  let ids = 0;
  let rest = "";
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("id: ")) ids += 1;
  });
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${own.key}\r\n\r\n`,
  );
  return { socket, ids: () => ids };
}
