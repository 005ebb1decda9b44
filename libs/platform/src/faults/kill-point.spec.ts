import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ConfigurationError } from "../config/configuration-error.js";
import { loadConfig } from "../config/load-config.js";
import { sleep } from "../time/sleep.js";
import { armKillPoint, parseStrike, reach } from "./kill-point.js";
import { killPoints } from "./kill-points.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Every name that the product's sources reach, as often as they do. */
function reachedNames(): string[] {
  const files = ["apps", "libs"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /^[^/]+\/src\/.*(?<!\.spec)\.ts$/.test(path))
      .map((path) => join(root, folder, path)),
  );
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\breach\(\s*"([^"]+)"/g)].map(
      ([, name = ""]) => name,
    ),
  );
}

function problemsOf(environment: Readonly<Record<string, string>>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "";
}

/** What becomes of a process that reaches a point twice. */
function endOf(killPoint: string) {
  const script = fileURLToPath(
    new URL("__fixtures__/reaches-twice.ts", import.meta.url),
  );
  const register = new URL(
    "../../../../jest/register-typescript.mjs",
    import.meta.url,
  ).href;
  const child = spawn(
    process.execPath,
    ["--import", register, script, killPoint],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  return { child, output: () => output, ended: once(child, "close") };
}

afterEach(() => armKillPoint(null));

describe("the catalogue of kill points", () => {
  const reached = reachedNames();

  it.each(Object.keys(killPoints))("has %s reached by a service", (name) => {
    expect(reached).toContain(name);
  });

  it("holds every name that a service reaches", () => {
    expect(reached.filter((name) => !Object.hasOwn(killPoints, name))).toEqual(
      [],
    );
  });
});

describe("the setting KILL_POINT", () => {
  it("reads a name, which time it strikes, and what it does there", () => {
    expect(parseStrike("runner.claimed")).toEqual({
      point: "runner.claimed",
      time: 1,
      act: { kind: "kill" },
    });
    expect(parseStrike("block:90000:runner.agent-running@3")).toEqual({
      point: "runner.agent-running",
      time: 3,
      act: { kind: "block", ms: 90_000 },
    });
    expect(parseStrike("stop:runner.claimed")).toMatchObject({
      act: { kind: "stop" },
    });
  });

  it.each(["runner.claimd", "toString.claimed", "runner", "runner.claimed@0"])(
    "stops the boot when it is %s",
    (name) => {
      expect(problemsOf({ KILL_POINT: name, DEBUG: "true" })).toMatch(
        /KILL_POINT: .*kill point/,
      );
    },
  );

  it("stops the boot without DEBUG, so that no production process carries one", () => {
    expect(problemsOf({ KILL_POINT: "runner.claimed" })).toContain(
      "KILL_POINT: ends this process on purpose and needs DEBUG=true",
    );
    expect(
      loadConfig({ KILL_POINT: "runner.claimed", DEBUG: "true" }).killPoint,
    ).toMatchObject({ point: "runner.claimed" });
    expect(loadConfig({}).killPoint).toBeNull();
  });
});

describe("a kill point", () => {
  it("does nothing until it is armed, nor when another one is", () => {
    reach("runner.claimed");
    armKillPoint({ point: "runner.committed", time: 1, act: { kind: "kill" } });
    reach("runner.claimed");
  });

  it("kills its process at the time that was named", async () => {
    const { ended, output } = endOf("runner.claimed@2");
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(output()).toBe("once\n");
  });

  it("holds its process until somebody lets it go on", async () => {
    const { child, ended, output } = endOf("stop:runner.claimed@2");
    const state = () =>
      readFileSync(`/proc/${String(child.pid)}/stat`, "utf8").split(" ")[2];
    while (state() !== "T") await sleep(5);
    expect(child.exitCode).toBeNull();
    child.kill("SIGCONT");
    expect(await ended).toEqual([0, null]);
    expect(output()).toBe("once\ntwice\n");
  });

  it("blocks its process's event loop for as long as it was told", () => {
    armKillPoint({
      point: "runner.claimed",
      time: 1,
      act: { kind: "block", ms: 30 },
    });
    const startedAt = performance.now();
    reach("runner.claimed");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30);
  });
});
