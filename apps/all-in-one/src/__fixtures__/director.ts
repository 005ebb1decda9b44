import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Tells the scripted agent what to do in each turn of building, at the moment it asks. */
export interface Director {
  /** To be put into the body. */
  readonly line: string;
  /** How often the agent has asked. */
  readonly turns: number;
  close(): Promise<void>;
}

/** One entry a turn, the last one for every further turn; what a turn awaits holds the agent back. */
export async function startDirector(
  ...turns: readonly (string | (() => Promise<string>))[]
): Promise<Director> {
  let asked = 0;
  const server = createServer((_request, response) => {
    const turn = turns[Math.min(asked++, turns.length - 1)] ?? "fix";
    Promise.resolve(typeof turn === "string" ? turn : turn()).then(
      (behaviour) => response.end(behaviour),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    line: `director at port ${port.toString()}`,
    get turns() {
      return asked;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
