import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the range from which Linux gives ports to outgoing connections: a server that is away must find its port free again. */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const ATTEMPTS = 50;

/** A port of the loopback interface that nothing listens on now, and that nobody gets who does not ask for it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error("There is no free port.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
