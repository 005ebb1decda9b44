import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep } from "@pullwright/platform";
import { freePort } from "@pullwright/testing";
import type { Stage } from "./stage.js";

const READY_WITHIN_MS = 60_000;

/** A whole Pullwright, as `npm start` runs it. */
export interface AllInOne {
  readonly url: string;
  readonly webhookUrl: string;
  stop(): Promise<void>;
}

/** Starts it with nothing in its environment but PATH and the settings. */
export async function startAllInOne(
  stage: Stage,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<AllInOne> {
  const [port, webhookPort] = [await freePort(), await freePort()];
  const isBuilt = extname(import.meta.url) === ".js";
  const program = new URL(
    `../../../../apps/all-in-one/${isBuilt ? "dist/main.js" : "src/main.ts"}`,
    import.meta.url,
  );
  const logFile = join(folder, "pullwright.log");
  const log = openSync(logFile, "a");
  const child = fork(fileURLToPath(program), {
    stdio: ["ignore", log, log, "ipc"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOST: "127.0.0.1",
      PORT: port.toString(),
      WEBHOOK_PORT: webhookPort.toString(),
      WORK_DIR: join(folder, "work"),
      ...settings,
    },
  });
  closeSync(log);
  stage.adopt(child);
  const url = `http://127.0.0.1:${port.toString()}`;
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > giveUpAt)
      throw new Error(`Pullwright did not start; see ${logFile}.`);
    await sleep(100);
  }
  return {
    url,
    webhookUrl: `http://127.0.0.1:${webhookPort.toString()}/webhooks/github`,
    stop: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await Promise.race([exited, sleep(READY_WITHIN_MS)]);
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => null);
  await answer?.text();
  return answer?.ok === true;
}
