import { randomInt } from "node:crypto";
import { createServer, type ListenOptions } from "node:net";

/** Below the range from which Linux gives ports to outgoing connections: a server that is away must find its port free again. */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const ATTEMPTS = 50;

/**
 * A port of the loopback interface that nothing listens on now, and that nobody gets who does not ask for it. On Linux no
 * other call gives it, in whatever process, as long as this process lives: what listens there may start later, and
 * start again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await isFree(port)) && (await claim(port))) return port;
  }
  throw new Error("There is no free port.");
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening({ port, host: "127.0.0.1" });
  if (server === null) return false;
  await new Promise((closed) => server.close(closed));
  return true;
}

/** By a socket whose name is no file's: it goes with the process, however that ends. */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const server = await listening({ path: `\0pullwright-port-${port}` });
  server?.unref();
  return server !== null;
}

function listening(place: ListenOptions) {
  return new Promise<ReturnType<typeof createServer> | null>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(place, () => resolve(server));
  });
}
