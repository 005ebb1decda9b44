import { describe, expect, test } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createSilentLogger } from "../logging/logger.js";
import { sleep } from "../time/sleep.js";
import { createShutdown } from "./shutdown.js";

const logger = createSilentLogger();

describe("shutdown", () => {
  test("closes what was opened last first, one after the other", async () => {
    const order: string[] = [];
    const shutdown = createShutdown({ logger });
    for (const name of ["postgres", "queue", "http"]) {
      shutdown.add(name, async () => {
        order.push(`${name} begins`);
        await sleep(5);
        order.push(`${name} ends`);
      });
    }
    expect(await shutdown.run("spec")).toBe(true);
    expect(order).toEqual(
      ["http", "queue", "postgres"].flatMap((name) => [
        `${name} begins`,
        `${name} ends`,
      ]),
    );
  });

  test("goes on after a hook that fails or takes too long, and says that it was not clean", async () => {
    const closed: string[] = [];
    const shutdown = createShutdown({ logger });
    shutdown.add("first", () => Promise.resolve(closed.push("first")));
    shutdown.add(
      "hangs",
      (signal) =>
        sleep(60_000, signal).then(() => closed.push("hangs was told")),
      { deadlineMs: 30 },
    );
    shutdown.add("throws", () => {
      throw new Error("no");
    });
    expect(await shutdown.run("spec")).toBe(false);
    expect(closed.sort()).toEqual(["first", "hangs was told"]);
  });

  test("runs once, however often it is asked, and tells everyone at its beginning", async () => {
    let runs = 0;
    const shutdown = createShutdown({ logger });
    shutdown.add("counted", () => Promise.resolve((runs += 1)));
    expect(shutdown.signal.aborted).toBe(false);
    const both = Promise.all([shutdown.run("a"), shutdown.run("b")]);
    expect(shutdown.signal.aborted).toBe(true);
    await both;
    expect(runs).toBe(1);
  });
});

describe("a process that is told to end", () => {
  test("ends cleanly with 0", async () => {
    const child = await start("50");
    child.kill("SIGTERM");
    expect(await child.exit).toBe(0);
  });

  test("ends with 1 when something had to be left open", async () => {
    const child = await start("60000", "50");
    child.kill("SIGINT");
    expect(await child.exit).toBe(1);
  });

  test("ends at once when told twice", async () => {
    const child = await start("600000", "600000");
    const begins = child.printed();
    child.kill("SIGTERM");
    // Two signals that are pending together are one.
    expect(await begins).toBe("shutting down\n");
    child.kill("SIGTERM");
    expect(await child.exit).toBe(1);
  });
});

test.each(["exception", "unhandled rejection"])(
  "what nobody catches (an %s) ends the process with 1 and a line without secrets",
  (kind) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...typescript, fixture("is-surprised.ts"), kind],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      level: "fatal",
      msg: "uncaught exception: exiting",
    });
    expect(stdout + stderr).not.toContain("hunter2");
  },
);

const fixture = (name: string) =>
  fileURLToPath(new URL(`./__fixtures__/${name}`, import.meta.url));

const typescript = [
  "--import",
  new URL("../../../../jest/register-typescript.mjs", import.meta.url).href,
];

async function start(...argv: string[]) {
  const child = spawn(
    process.execPath,
    [...typescript, fixture("ends-slowly.ts"), ...argv],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exit = new Promise<number | null>((resolve) =>
    child.once("exit", resolve),
  );
  /** What it prints next. */
  const printed = async () => String((await once(child.stdout, "data"))[0]);
  await printed();
  return {
    exit,
    printed,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  };
}
