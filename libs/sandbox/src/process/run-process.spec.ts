import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Activity } from "./activity.js";
import { cutMark } from "./line-splitter.js";
import type { OutputStream, ProcessRequest } from "./process-request.js";
import { readProcess, readProcessTable } from "./process-table.js";
import { runProcess } from "./run-process.js";

const MIB = 1024 ** 2;
const fixture = (name: string) =>
  fileURLToPath(new URL(`../__fixtures__/${name}`, import.meta.url));
const PATH = `/usr/local/bin:/usr/bin:/bin`;

function node(
  script: string,
  more: Partial<ProcessRequest> = {},
): ProcessRequest {
  return {
    command: process.execPath,
    args: [fixture(script)],
    cwd: "/",
    env: { PATH },
    ...more,
  };
}

function shell(
  code: string,
  more: Partial<ProcessRequest> = {},
): ProcessRequest {
  return {
    command: "/bin/sh",
    args: ["-c", code],
    cwd: "/",
    env: { PATH },
    ...more,
  };
}

function collector() {
  const lines: Record<OutputStream, string[]> = { stdout: [], stderr: [] };
  return {
    lines,
    onLines: (stream: OutputStream, batch: readonly string[]) =>
      void lines[stream].push(...batch),
  };
}

const pidOf = (line: string | undefined) => Number(line);
const isAlive = (pid: number) => readProcess(pid)?.gone === false;

async function children(): Promise<number[]> {
  const table = await readProcessTable();
  return [...table.values()]
    .filter((entry) => entry.parent === process.pid && !entry.gone)
    .map((entry) => entry.pid);
}

// A Jest worker runs one spec after the other; what another one started is none of our business.
let others: readonly number[] = [];
beforeAll(async () => {
  others = await children();
});

afterEach(async () => {
  const left = (await children()).filter((pid) => !others.includes(pid));
  expect(left).toEqual([]);
});

describe("a command that ends by itself", () => {
  test("gets exactly the environment, the input and the arguments it was given", async () => {
    const { lines, onLines } = collector();
    const result = await runProcess(
      shell('env | sort; cat; printf "%s\\n" "$1"', {
        args: [
          "-c",
          'env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; cat; printf "%s\\n" "$1"',
          "sh",
          "$(id) `id` 'x",
        ],
        env: { PATH, COLOUR: "blue" },
        stdin: "from stdin\n",
        onLines,
      }),
    );
    expect(result).toMatchObject({
      endedBy: "exit",
      ok: true,
      exitCode: 0,
      signal: null,
      forced: false,
    });
    const [marker, ...others] = lines.stdout.sort(
      (a, b) => Number(b.startsWith("PULL")) - Number(a.startsWith("PULL")),
    );
    expect(marker).toMatch(/^PULLWRIGHT_PROCESS_TREE=/);
    expect(others).toEqual([
      "COLOUR=blue",
      `PATH=${PATH}`,
      "from stdin",
      "$(id) `id` 'x",
    ]);
  });

  test("leads a process group and a session of its own, so that a signal to ours is none to it", async () => {
    const cancel = new AbortController();
    const seen: unknown[] = [];
    await runProcess(
      shell("echo $$; exec sleep 300", {
        signal: cancel.signal,
        onLines: (_, [line]) => {
          const pid = pidOf(line);
          const { group, session } = readProcess(pid) ?? {};
          seen.push({ group: group === pid, session: session === pid });
          cancel.abort();
        },
      }),
    );
    expect(seen).toEqual([{ group: true, session: true }]);
  });

  test("reports its exit code and the end of its stderr", async () => {
    const result = await runProcess(
      shell("echo first >&2; echo last >&2; exit 3"),
    );
    expect(result).toMatchObject({
      endedBy: "exit",
      ok: false,
      exitCode: 3,
      stderrTail: "first\nlast\n",
      stderrBytes: 11,
    });
  });

  test("reports the signal that somebody else sent", async () => {
    const result = await runProcess(shell("kill -9 $$"));
    expect(result).toMatchObject({
      endedBy: "exit",
      ok: false,
      exitCode: null,
      signal: "SIGKILL",
      cancelled: false,
    });
  });

  test("does not fail because it left its input unread", async () => {
    const result = await runProcess(
      shell("exit 0", { stdin: "x".repeat(4 * MIB) }),
    );
    expect(result.ok).toBe(true);
  });
});

describe("a command that cannot start", () => {
  test.each([
    ["does not exist", { command: "/nowhere/at-all" }, "ENOENT"],
    [
      "is not executable",
      { command: fixture("leaves-a-server.mjs") },
      "EACCES",
    ],
    [
      "has a working folder that does not exist",
      { cwd: "/nowhere" },
      "ENOTDIR",
    ],
    [
      "has more arguments than the kernel takes",
      { args: ["x".repeat(3 * MIB)] },
      "E2BIG",
    ],
    ["has an argument with a NUL", { args: ["a\0b"] }, "ERR_INVALID_ARG_VALUE"],
  ])("because it %s is a value", async (_, change, code) => {
    const result = await runProcess(shell("true", change));
    expect(result).toMatchObject({
      endedBy: "spawn_failed",
      spawnFailed: true,
      ok: false,
      spawnError: { code },
    });
  });

  test("because it was cancelled before is a value too", async () => {
    const result = await runProcess(
      shell("true", { signal: AbortSignal.abort() }),
    );
    expect(result).toMatchObject({
      endedBy: "cancelled",
      cancelled: true,
      tree: { seen: 0, ended: 0, survivors: [] },
    });
  });
});

describe("time", () => {
  test("a command over its time is ended, politely when it listens", async () => {
    const { lines, onLines } = collector();
    const result = await runProcess(
      node("ends-in-order.mjs", { timeoutMs: 2_500, onLines }),
    );
    expect(result).toMatchObject({
      endedBy: "timeout",
      timedOut: true,
      ok: false,
      exitCode: 0,
      forced: false,
      tree: { seen: 1, ended: 1, survivors: [] },
    });
    expect(lines.stdout).toEqual(["ready", "tidied up"]);
  });

  test("one that ignores SIGTERM is killed when its grace is over", async () => {
    const { lines, onLines } = collector();
    const cancel = new AbortController();
    const result = await runProcess(
      node("ignores-sigterm.mjs", {
        signal: cancel.signal,
        graceMs: 1_000,
        onLines: (stream, batch) => {
          onLines(stream, batch);
          if (batch.includes("ready")) cancel.abort();
        },
      }),
    );
    expect(result).toMatchObject({
      endedBy: "cancelled",
      signal: "SIGKILL",
      forced: true,
      tree: { seen: 1, ended: 1, survivors: [] },
    });
    expect(lines.stdout).toEqual(["ready", "not now"]);
  });

  test("silence ends a command that hangs, long before its time is over", async () => {
    const result = await runProcess(
      shell("echo started; exec sleep 300", {
        silenceMs: 200,
        timeoutMs: 60_000,
      }),
    );
    expect(result).toMatchObject({
      endedBy: "silence",
      silent: true,
      timedOut: false,
    });
    expect(result.durationMs).toBeLessThan(5_000);
  });

  test("output is a sign of life", async () => {
    const result = await runProcess(
      shell(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.2; done",
        {
          silenceMs: 2_000,
        },
      ),
    );
    expect(result.ok).toBe(true);
    expect(result.durationMs).toBeGreaterThan(2_000);
  });

  test("a touch from outside is a sign of life", async () => {
    const activity = new Activity();
    const timer = setInterval(() => activity.touch(), 50);
    const result = await runProcess(
      shell("sleep 0.8", { silenceMs: 300, activity }),
    );
    clearInterval(timer);
    expect(result.ok).toBe(true);
  });

  test("output is none where the caller decides what is", async () => {
    const result = await runProcess(
      shell("while :; do echo noise; sleep 0.05; done", {
        silenceMs: 300,
        activity: new Activity(),
        timeoutMs: 60_000,
      }),
    );
    expect(result.endedBy).toBe("silence");
    expect(result.stdoutBytes).toBeGreaterThan(0);
  });

  test("quiet work that was announced may last longer, and not for ever", async () => {
    const activity = new Activity();
    const quietFor = (quietMs: number) => ({
      silenceMs: 200,
      activity,
      onStart: () => activity.touch(quietMs),
    });
    const quiet = await runProcess(shell("sleep 0.6", quietFor(60_000)));
    expect(quiet.ok).toBe(true);
    const silent = await runProcess(shell("exec sleep 300", quietFor(100)));
    expect(silent.endedBy).toBe("silence");
  });

  test("a consumer that makes the command wait does not make it silent", async () => {
    const result = await runProcess(
      shell("echo one; echo two", {
        silenceMs: 150,
        activity: new Activity(),
        onLines: () => new Promise((resolve) => setTimeout(resolve, 500)),
      }),
    );
    expect(result.ok).toBe(true);
  });

  test("the first cause is the one that is told", async () => {
    const cancel = new AbortController();
    const result = await runProcess(
      shell("trap 'echo $$' TERM; while :; do sleep 0.05; done", {
        timeoutMs: 400,
        graceMs: 60_000,
        signal: cancel.signal,
        // It was asked to end, and lives: only now is it cancelled, and then ended.
        onLines: (stream, [pid]) => {
          if (stream !== "stdout") return;
          cancel.abort();
          process.kill(pidOf(pid), "SIGKILL");
        },
      }),
    );
    expect(cancel.signal.aborted).toBe(true);
    expect(result).toMatchObject({
      endedBy: "timeout",
      timedOut: true,
      cancelled: false,
      signal: "SIGKILL",
    });
  });

  test("cancelling ends the command at once", async () => {
    const cancel = new AbortController();
    const result = await runProcess(
      shell("sleep 300", {
        signal: cancel.signal,
        onStart: () => cancel.abort(),
      }),
    );
    expect(result).toMatchObject({
      endedBy: "cancelled",
      cancelled: true,
      tree: { survivors: [] },
    });
  });
});

describe("output", () => {
  test("a line of 100 MB is cut and marked, and costs little memory", async () => {
    const before = process.memoryUsage.rss();
    const { lines, onLines } = collector();
    const result = await runProcess(
      node("prints-100mb-line.mjs", { maxLineBytes: 1_000, onLines }),
    );
    expect(result).toMatchObject({
      ok: true,
      cutLines: 1,
      stdoutBytes: 100 * MIB + 12,
    });
    expect(lines.stdout).toEqual([
      "x".repeat(1_000) + cutMark(100 * MIB),
      "short line",
    ]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(80 * MIB);
  });

  test("endless output ends the command at the cap", async () => {
    let seenBytes = 0;
    const onLines = (_: OutputStream, lines: readonly string[]) => {
      for (const line of lines) seenBytes += line.length + 1;
    };
    const result = await runProcess(
      node("prints-for-ever.mjs", { maxOutputBytes: 50 * MIB, onLines }),
    );
    expect(result).toMatchObject({
      endedBy: "output_cap",
      outputCapped: true,
      ok: false,
    });
    expect(seenBytes).toBeLessThanOrEqual(50 * MIB);
    expect(seenBytes).toBeGreaterThan(49 * MIB);
  });

  test("the command waits for a slow reader instead of filling our memory", async () => {
    let running = 0;
    let delivered = 0;
    const onLines = async (_: OutputStream, lines: readonly string[]) => {
      running += 1;
      expect(running).toBe(1);
      await sleep(100);
      delivered += lines.length;
      running -= 1;
    };
    const result = await runProcess(
      node("prints-for-ever.mjs", { timeoutMs: 2_500, onLines }),
    );
    expect(result.timedOut).toBe(true);
    expect(result.stdoutBytes).toBeGreaterThan(64 * 1024);
    // 100 bytes a line: ten deliveries a second of a chunk or two, not the gigabyte that it could print.
    expect(result.stdoutBytes).toBeLessThan(8 * MIB);
    expect(delivered).toBe(Math.ceil(result.stdoutBytes / 100));
  });

  test("a last line without an end is delivered", async () => {
    const { lines, onLines } = collector();
    await runProcess(shell("printf 'a\\nb'; printf 'c' >&2", { onLines }));
    expect(lines).toEqual({ stdout: ["a", "b"], stderr: ["c"] });
  });

  test("a reader that fails ends the command, and its error comes through", async () => {
    const failure = new Error("the store is full");
    const onLines = () => Promise.reject(failure);
    await expect(
      runProcess(shell("echo x; sleep 300", { onLines })),
    ).rejects.toBe(failure);
  });
});

describe("what a command leaves behind", () => {
  test("a server in a session of its own dies with it", async () => {
    const { lines, onLines } = collector();
    const result = await runProcess(node("leaves-a-server.mjs", { onLines }));
    expect(result).toMatchObject({
      ok: true,
      tree: { seen: 2, ended: 1, survivors: [] },
    });
    expect(isAlive(pidOf(lines.stdout[0]))).toBe(false);
  });

  test("a daemon dies although its parents were gone before we looked", async () => {
    const { lines, onLines } = collector();
    const folder = await mkdtemp(join(tmpdir(), "pullwright-daemon-"));
    const up = join(folder, "up");
    const result = await runProcess(
      shell(
        `(setsid sh -c 'echo $$; : > ${up}; exec sleep 300' &) ; until [ -e ${up} ]; do sleep 0.02; done; exit 0`,
        { onLines },
      ),
    );
    await rm(folder, { recursive: true });
    expect(result.ok).toBe(true);
    expect(pidOf(lines.stdout[0])).toBeGreaterThan(0);
    expect(isAlive(pidOf(lines.stdout[0]))).toBe(false);
  });

  test("a grandchild that holds stdout does not delay the end", async () => {
    const { lines, onLines } = collector();
    const result = await runProcess(
      shell("setsid sleep 300 & echo done", { onLines }),
    );
    expect(result.ok).toBe(true);
    expect(result.durationMs).toBeLessThan(3_000);
    expect(lines.stdout).toEqual(["done"]);
  });

  test("a process that was there before is never touched", async () => {
    const bystander = new AbortController();
    const other = runProcess(
      shell("sleep 1.5; exit 7", { signal: bystander.signal }),
    );
    await runProcess(node("leaves-a-server.mjs"));
    expect(await other).toMatchObject({ endedBy: "exit", exitCode: 7 });
  });
});

describe("limits over the tree", () => {
  test("a command that starts too many processes is ended with all of them", async () => {
    const request = {
      ...node("multiplies.mjs", { limits: { processes: 60 } }),
      args: [fixture("multiplies.mjs"), "200"],
    };
    const result = await runProcess(request);
    expect(result).toMatchObject({
      endedBy: "processes",
      tooManyProcesses: true,
      tree: { survivors: [] },
    });
    expect(result.tree.seen).toBeGreaterThanOrEqual(20);
  });

  test("a command that eats memory is ended, and that is the cause", async () => {
    const result = await runProcess(
      node("eats-memory.mjs", { limits: { memoryBytes: 300 * MIB } }),
    );
    expect(result).toMatchObject({
      endedBy: "memory",
      outOfMemory: true,
      ok: false,
    });
  });
});
