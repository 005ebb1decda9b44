import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { percentile } from "../measure/statistics.js";
import type { SignedPayload } from "./payloads.js";

export interface Load {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The status that says it was taken: 202 unless told. Ours says 200 to what it had before. */
  readonly takenWith?: number;
}

export interface Throughput {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends webhooks over kept-alive connections, on each the next as soon as the last is answered. Plain sockets: Node's
 * own client would take as much of the two cores as the server that is measured.
 */
export async function saturate(
  url: string,
  payloads: readonly SignedPayload[],
  { connections, warmUpMs, measureMs, takenWith = 202 }: Load,
): Promise<Throughput> {
  const from = performance.now() + warmUpMs;
  const to = from + measureMs;
  const latenciesMs: number[] = [];
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const target = new URL(url);
      const socket = createConnection(Number(target.port), target.hostname);
      socket.setNoDelay(true);
      await once(socket, "connect");
      for (let turn = index; performance.now() < to; turn += 1) {
        const payload = payloads[turn % payloads.length];
        if (payload === undefined) throw new RangeError("No payloads.");
        const sentAt = performance.now();
        await exchange(socket, target, payload, takenWith);
        const now = performance.now();
        if (sentAt >= from && now <= to) latenciesMs.push(now - sentAt);
      }
      socket.destroy();
    }),
  );
  return {
    perSecond: latenciesMs.length / (measureMs / 1000),
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}

/** Sends one webhook and reads its whole answer, which must say that it was taken. */
async function exchange(
  socket: Socket,
  { host, pathname }: URL,
  { event, body, signature }: SignedPayload,
  takenWith: number,
): Promise<void> {
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length.toString()}`,
    `X-GitHub-Event: ${event}`,
    `X-GitHub-Delivery: ${randomUUID()}`,
    `X-Hub-Signature-256: ${signature}`,
  ];
  const answered = wholeAnswer(socket);
  socket.cork();
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.write(body);
  socket.uncork();
  const answer = await answered;
  if (!answer.startsWith(`HTTP/1.1 ${takenWith.toString()} `))
    throw new Error(`The gateway answered: ${answer.slice(0, 300)}`);
}

function wholeAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (settle: () => void) => {
      socket.off("data", hear).off("close", fail).off("error", fail);
      settle();
    };
    const hear = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const bodyAt = text.indexOf("\r\n\r\n") + 4;
      if (bodyAt < 4) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined)
        finish(() => reject(new Error("An answer without a length.")));
      else if (text.length - bodyAt >= Number(length))
        finish(() => resolve(text));
    };
    const fail = () =>
      finish(() => reject(new Error("The gateway hung up on us.")));
    socket.on("data", hear).once("close", fail).once("error", fail);
  });
}
