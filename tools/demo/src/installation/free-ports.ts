import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Some different ports of the loopback interface that nothing listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  // All at once, so that no port is given out twice.
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(async (server) => {
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return (server.address() as AddressInfo).port; // it listens on TCP
      }),
    );
  } finally {
    for (const server of servers) server.close();
  }
}
