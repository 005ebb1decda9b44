import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const WHOLE_MS = 180_000;

/** A folder for all temporary files of one demo, so that what it leaves behind is seen. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "with some spaces "));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when the output matches. */
  readonly says: (pattern: RegExp) => Promise<RegExpMatchArray>;
  readonly exitCode: Promise<number | null>;
}

function startDemo(argv: string[], environment: Record<string, string> = {}) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR: folder, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("said");
    });
  const exitCode = once(child, "close").then(([code]) => code as number | null);
  const says = async (pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(output);
      if (match !== null) return match;
      const ended = await Promise.race([
        once(child, "said").then(() => false),
        exitCode.then(() => true),
      ]);
      if (ended && !pattern.test(output))
        throw new Error(`it ended without ${pattern.source}: ${output}`);
    }
  };
  const demo: Demo = { child, output: () => output, says, exitCode };
  return demo;
}

/** Processes that have to do with the folder, by command line or by where they are. */
async function processesIn(place: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const [commandLine, cwd] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""),
      readlink(`/proc/${pid}/cwd`).catch(() => ""),
    ]);
    if (commandLine.includes(place) || cwd.startsWith(place))
      found.push(`${pid} ${commandLine.replaceAll("\0", " ")}`);
  }
  return found;
}

test(
  "an issue becomes a tested pull request, told line by line, and nothing stays behind",
  async () => {
    const demo = startDemo([], {
      // A person's own settings, none of which may matter.
      DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none",
      REDIS_URL: "redis://127.0.0.1:1",
      GITHUB_TOKEN: "ghp_theirs",
      PORT: "80",
    });
    expect({ code: await demo.exitCode, output: demo.output() }).toMatchObject({
      code: 0,
    });
    const output = demo.output();
    for (const phase of ["classify", "plan", "build", "test", "publish"])
      expect(output).toMatch(
        new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${phase}: succeeded`, "m"),
      );
    expect(output).toMatch(/build \| .*hand out the remainder/);
    expect(output).toMatch(/-.*\(\) => share\);\n/);
    expect(output).toMatch(/\+.*index < remainder \? share \+ 1 : share/);
    expect(output).toMatch(
      /failed before, on the base branch: npm test\n.*✖ the shares add up to the bill/,
    );
    expect(output).toMatch(
      /passed after, on [0-9a-f]{10}: npm test\n[^✖]*ℹ fail 0/,
    );
    expect(output).toMatch(
      /Pull request #2 .*\(ready\)\n\n {2}http:\/\/127\.0\.0\.1:\d+\/acme\/split-the-bill\/pull\/2\n/,
    );
    expect(output).toMatch(/\d s from label to pull request, \$0\.00/);
    expect(output).not.toMatch(/\u001B/);
    expect(await readdir(folder)).toEqual([]);
    expect(await processesIn(folder)).toEqual([]);
  },
  WHOLE_MS,
);

test(
  "what is kept can be visited until Ctrl-C, which ends and removes it",
  async () => {
    const demo = startDemo(["--keep"]);
    const [, page = ""] = await demo.says(/Pull request +(http\S+)/);
    const [, key = ""] = await demo.says(/API key +(\S+)/);
    const [, api = ""] = await demo.says(/API +(http\S+)/);
    const [, docs = ""] = await demo.says(/API docs +(http\S+)/);
    const [, queues = ""] = await demo.says(/Queues +(http\S+)/);
    await demo.says(/Ctrl-C/);
    const bearer = { authorization: `Bearer ${key}` };
    const get = async (url: string, headers = {}) => {
      const answer = await fetch(url, { headers });
      return { status: answer.status, text: await answer.text() };
    };
    expect(await get(page)).toMatchObject({ status: 200 });
    expect(await get(docs)).toMatchObject({ status: 200 });
    expect(await get(queues, bearer)).toMatchObject({ status: 200 });
    expect(await get(api)).toMatchObject({ status: 401 });
    const runs = await get(api, bearer);
    expect(runs.text).toContain('"status":"completed"');

    demo.child.kill("SIGINT");
    demo.child.kill("SIGINT");
    expect(await demo.exitCode).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    expect(await processesIn(folder)).toEqual([]);
  },
  WHOLE_MS,
);

test(
  "Ctrl-C in the middle of a run leaves nothing behind",
  async () => {
    const demo = startDemo([]);
    await demo.says(/plan: running/);
    demo.child.kill("SIGINT");
    expect(await demo.exitCode).toBe(130);
    expect(await readdir(folder)).toEqual([]);
    expect(await processesIn(folder)).toEqual([]);
  },
  WHOLE_MS,
);

test(
  "a Pullwright that dies is reported with its log, and takes its Postgres along",
  async () => {
    const demo = startDemo([]);
    await demo.says(/run [a-z2-9]{8}/);
    const [found = ""] = (await processesIn(folder)).filter((line) =>
      line.includes("all-in-one"),
    );
    process.kill(Number.parseInt(found, 10), "SIGKILL");
    expect(await demo.exitCode).toBe(1);
    expect(demo.output()).toContain("Pullwright ended by itself (SIGKILL)");
    const [, log = ""] = await demo.says(/Pullwright's log: (.*)\n/);
    expect(await readFile(log, "utf8")).toContain("{");
    expect(await readdir(folder)).toHaveLength(1);
    expect(await processesIn(folder)).toEqual([]);
  },
  WHOLE_MS,
);

test(
  "a demo that is killed takes Pullwright along",
  async () => {
    const demo = startDemo([]);
    await demo.says(/Pullwright on http/);
    demo.child.kill("SIGKILL");
    await demo.exitCode;
    const giveUpAt = performance.now() + 30_000;
    while ((await processesIn(folder)).length > 0) {
      if (performance.now() > giveUpAt) break;
      await sleep(100);
    }
    expect(await processesIn(folder)).toEqual([]);
  },
  WHOLE_MS,
);

test("a missing key ends it at once, with what to do", async () => {
  const demo = startDemo(["--agent", "codex"], {
    CODEX_PATH: process.execPath,
  });
  expect(await demo.exitCode).toBe(1);
  expect(demo.output()).toContain(
    "The demo failed. OPENAI_API_KEY is not set: Codex works with your own key.",
  );
  expect(await readdir(folder)).toEqual([]);
});

test("help and refusals need nothing to run", async () => {
  const help = startDemo(["--help"]);
  expect(await help.exitCode).toBe(0);
  expect(help.output()).toContain("npm run demo");
  const refused = startDemo(["--agent", "hal"]);
  expect(await refused.exitCode).toBe(1);
  expect(refused.output()).toContain("--agent must be");
});
