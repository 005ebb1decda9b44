import { spawn } from "node:child_process";
import { createServer } from "node:http2";
import { createServer as createSocket, type AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import * as restate from "@restatedev/restate-sdk";
import { connect } from "@restatedev/restate-sdk-clients";
import { given, servePlays } from "./serve.js";

// Restate's SDK expects it; Node has it from 22 on.
if (!("withResolvers" in Promise))
  Object.assign(Promise, {
    withResolvers() {
      let resolve: unknown;
      let reject: unknown;
      const promise = new Promise((...settle) => ([resolve, reject] = settle));
      return { promise, resolve, reject };
    },
  });

/** A durable handler of four steps, each recorded by Restate in its own log. */
const runs = restate.service({
  name: "runs",
  handlers: {
    play: async (context: restate.Context) => {
      for (const name of ["one", "two", "three", "four"])
        await context.run(name, () => ({ outcome: "succeeded" }));
    },
  },
});

const [ingress, admin, fabric, service] = await freePorts(4);
const folder = await mkdtemp(join(given("FOLDER"), "restate-"));
const require = createRequire(import.meta.url);
const server = spawn(
  // The bench may kill this process, and the server must not outlive it.
  "setpriv",
  [
    "--pdeathsig",
    "KILL",
    require.resolve(
      `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
    ),
    "--no-logo",
  ],
  {
    cwd: folder,
    stdio: "ignore",
    env: {
      PATH: given("PATH"),
      HOME: folder,
      TMPDIR: folder,
      RESTATE_BASE_DIR: folder,
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${fabric}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_LOG_FILTER: "error",
    },
  },
);
const end = () => void server.kill("SIGKILL");
process.once("exit", end);

createServer(restate.createEndpointHandler({ services: [runs] })).listen(
  Number(service),
  "127.0.0.1",
);
await register();
const client = connect({ url: `http://127.0.0.1:${ingress}` });
const target = client.serviceClient(runs);
servePlays(() => target.play(), end);

/** Tells the server of the service as soon as it answers. */
async function register(): Promise<void> {
  const uri = `http://127.0.0.1:${service}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri }),
    }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("Restate did not start within 20 seconds.");
}

async function freePorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket());
  const ports = await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<number>((resolve) =>
          socket.listen(0, "127.0.0.1", () =>
            resolve((socket.address() as AddressInfo).port),
          ),
        ),
    ),
  );
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.close(resolve))),
  );
  return ports;
}
