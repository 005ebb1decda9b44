import { createConnection, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A wire to a server that a spec can cut or freeze, whoever owns the server. */
export interface TcpLink {
  readonly port: number;
  /** Breaks every connection and refuses new ones, as a dead server does. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Lets nothing through and says nothing, as a hung server or a lost network does. */
  freeze(): void;
  thaw(): void;
  /** Each piece of what passes comes so much later; 0 ends it. */
  slow(delayMs: number): void;
  /** Connections that are open now. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Lays a wire to the server of an address; returns it and the address that leads through it. */
export async function linkTo(
  target: string,
): Promise<{ link: TcpLink; url: string }> {
  const url = new URL(target);
  const link = await createLink(
    Number(url.port || (url.protocol === "redis:" ? 6379 : 5432)),
    url.hostname,
  );
  url.hostname = "127.0.0.1";
  url.port = link.port.toString();
  return { link, url: url.href };
}

async function createLink(
  targetPort: number,
  targetHost: string,
): Promise<TcpLink> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let frozen = false;
  let delayMs = 0;
  const delayed = new WeakMap<Socket, Promise<void>>();
  const pass = (chunk: Buffer, to: Socket) => {
    const before = delayed.get(to);
    if (delayMs === 0 && before === undefined) {
      to.write(chunk);
      return;
    }
    // One after the other, also when the delay changes meanwhile.
    const moment = sleep(delayMs);
    const passed = (before ?? moment)
      .then(() => moment)
      .then(() => {
        if (!to.destroyed) to.write(chunk);
      });
    delayed.set(to, passed);
  };
  const join = (near: Socket) => {
    const far = createConnection({ port: targetPort, host: targetHost });
    const pair = [near, far] as const;
    pairs.add(pair);
    const part = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on("close", part).on("error", part);
    near.on("data", (chunk) => pass(chunk, far));
    far.on("data", (chunk) => pass(chunk, near));
    if (frozen) pause(pair);
  };
  let server = createServer(join);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(port, "127.0.0.1", resolve),
    );
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const [near] of pairs) near.destroy();
    await closed;
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("A listening TCP server has a port.");
  const { port } = address;
  return {
    port,
    cut,
    restore: () => {
      server = createServer(join);
      return listen(port);
    },
    freeze: () => {
      frozen = true;
      pairs.forEach(pause);
    },
    thaw: () => {
      frozen = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    slow: (ms) => {
      delayMs = ms;
    },
    get connections() {
      return pairs.size;
    },
    close: cut,
  };
}

function pause(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause();
}
