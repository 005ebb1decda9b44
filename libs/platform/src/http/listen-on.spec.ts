import { afterEach, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { codeOf } from "../error/app-error.js";
import { listenOn, type ListenAddress } from "./listen-on.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(port: number, host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // A TCP server that listens has one.
}

const listenAt = (address: Partial<ListenAddress>) =>
  listenOn({ setting: "PORT", port: 0, host: "127.0.0.1", ...address }, listen);

test("a port that is taken is named by its setting", async () => {
  const port = await listenAt({});
  await expect(listenAt({ setting: "WEBHOOK_PORT", port })).rejects.toThrow(
    `  WEBHOOK_PORT: ${port.toString()} on 127.0.0.1 is taken: end what listens there, or set another port`,
  );
});

test.each(["192.0.2.1", "999.1.1.1"])(
  "HOST is named where %s is not this machine",
  async (host) => {
    await expect(listenAt({ host })).rejects.toThrow(
      `  HOST: ${host} is no address of this machine (E`,
    );
  },
);

test("a port that this user may not have is named", async () => {
  const refused = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
  const address = { setting: "PORT", port: 80, host: "127.0.0.1" } as const;
  await expect(
    listenOn(address, () => Promise.reject(refused)),
  ).rejects.toThrow(
    "  PORT: 80 is kept from this user (EACCES): set a port from 1024 on",
  );
});

test("what nobody foresaw stays as it is", async () => {
  const strange = Object.assign(new Error("strange"), { code: "EMFILE" });
  const address = { setting: "PORT", port: 80, host: "127.0.0.1" } as const;
  const thrown = await listenOn(address, () => Promise.reject(strange)).catch(
    codeOf,
  );
  expect(thrown).toBe("EMFILE");
});
