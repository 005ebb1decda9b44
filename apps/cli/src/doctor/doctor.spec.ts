import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hasRedisServer, startRedisServer } from "@pullwright/testing";
import { Redis } from "ioredis";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  exitCodes,
  pullwright,
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/cli-under-test.js";
import type { Finding } from "./check.js";

let api: ApiUnderTest;
let folder: string;
let healthy: Record<string, string>;
beforeAll(async () => {
  api = await startApiUnderTest();
  folder = await mkdtemp(join(tmpdir(), "pullwright-doctor-spec-"));
  const agent = join(folder, "claude");
  await writeFile(agent, "#!/bin/sh\necho 2.1.0 '(Claude Code)'\n");
  await chmod(agent, 0o755);
  healthy = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: api.runtime.databaseUrl,
    GITHUB_API_URL: api.github.apiUrl,
    GITHUB_GRAPHQL_URL: api.github.graphqlUrl,
    GITHUB_SERVER_URL: api.github.url,
    GITHUB_TOKEN: api.github.createToken({ user: "pullwright-bot" }),
    GITHUB_WEBHOOK_SECRET: "quite secret",
    REPOSITORIES: repo,
    CLAUDE_CODE_PATH: agent,
    ANTHROPIC_API_KEY: "sk-ant-test",
    ALLOW_UNSANDBOXED_AGENTS: "true",
  };
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await api.close();
});

const examine = async (change: Record<string, string> = {}) => {
  const environment = { ...healthy, ...change };
  const { exitCode, out } = await pullwright(api, ["doctor", "--json"], {
    environment,
  });
  const findings = JSON.parse(out) as Finding[];
  const of = (check: string) =>
    findings.find((finding) => finding.check === check);
  return { exitCode, findings, of };
};

describe("the doctor", () => {
  test("finds nothing to mend where all is well", async () => {
    const { exitCode, findings, of } = await examine();
    expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
    expect(exitCode).toBe(exitCodes.ok);
    for (const check of [
      "node",
      "git",
      "postgres",
      "queue",
      "github",
      `repository ${repo}`,
      "agent claude",
      "webhook secret",
      "api",
    ])
      expect([check, of(check)?.status]).toEqual([check, "ok"]);
    expect(of("agent claude")?.detail).toContain("2.1.0");
    expect(of("sandbox")).toBeDefined();
  });

  test.each<[string, Record<string, string>, string]>([
    [
      "postgres",
      { DATABASE_URL: "postgres://a:b@127.0.0.1:9/x" },
      "DATABASE_URL",
    ],
    ["queue", { REDIS_URL: "redis://127.0.0.1:9" }, "REDIS_URL"],
    [
      "agent claude",
      { CLAUDE_CODE_PATH: "/nonexistent/claude" },
      "claude-code",
    ],
    ["github", { GITHUB_TOKEN: "" }, "GITHUB_TOKEN"],
    ["github", { GITHUB_TOKEN: "ghp_wrong" }, "github-permissions"],
    ["github", { GITHUB_API_URL: "http://127.0.0.1:9" }, "GITHUB_API_URL"],
    [
      "repository acme/unknown",
      { REPOSITORIES: "acme/unknown" },
      "permissions",
    ],
    ["api", { PULLWRIGHT_API_KEY: "wrong" }, "PULLWRIGHT_API_KEY"],
    ["api", { PULLWRIGHT_URL: "foo" }, "PULLWRIGHT_URL"],
    ["AGENT", { AGENT: "skynet" }, "docs/configuration.md"],
    [
      "DATABASE_URL",
      { DATABASE_URL: "postgres://me:100%@127.0.0.1/x" },
      "docs/configuration.md",
    ],
    ["git", { PATH: "/nonexistent" }, "git"],
  ])(
    "says what is wrong with %s and how to mend it: %j",
    async (check, change, mend) => {
      const { exitCode, of } = await examine(change);
      expect(of(check)?.status).toBe("fail");
      expect(of(check)?.mend).toContain(mend);
      expect(exitCode).toBe(exitCodes.failed);
    },
  );

  test("says that node or git is too old, which is, and which would do", async () => {
    const old = await mkdtemp(join(folder, "old-"));
    const said = "echo git version 2.37.9";
    await writeFile(join(old, "git"), `#!/bin/sh\n${said}\n`, { mode: 0o755 });
    const { version } = process;
    const pretend = (value: string) =>
      Object.defineProperty(process, "version", { value });
    pretend("v20.18.3");
    const PATH = `${old}:${process.env["PATH"] ?? ""}`;
    const { exitCode, of } = await examine({ PATH }).finally(() =>
      pretend(version),
    );
    expect(of("node")).toEqual({
      check: "node",
      status: "fail",
      detail: "Node v20.18.3 is too old.",
      mend: "Install Node 20.19 or newer.",
    });
    expect(of("git")).toEqual({
      check: "git",
      status: "fail",
      detail: "git version 2.37.9 is too old.",
      mend: "Install git 2.38 or newer.",
    });
    expect(exitCode).toBe(exitCodes.failed);
  });

  if (hasRedisServer())
    test("finds a Redis that drops jobs when it is full", async () => {
      const server = await startRedisServer();
      const { url } = server;
      const redis = new Redis(url);
      try {
        const queueBy = async (policy: string) => {
          await redis.config("SET", "maxmemory-policy", policy);
          const { of, exitCode } = await examine({ REDIS_URL: url });
          return { ...of("queue"), exitCode };
        };
        expect(await queueBy("noeviction")).toMatchObject({
          status: "ok",
          exitCode: exitCodes.ok,
        });
        expect(await queueBy("allkeys-lru")).toMatchObject({
          status: "fail",
          detail: expect.stringContaining("maxmemory-policy allkeys-lru"),
          mend: expect.stringContaining("maxmemory-policy noeviction"),
          exitCode: exitCodes.failed,
        });
      } finally {
        redis.disconnect();
        await server.close();
      }
    });

  test("looks whether an own command can be started", async () => {
    const [good, bad] = [join(folder, "my-agent"), join(folder, "no-agent")];
    await writeFile(good, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await writeFile(bad, "#!/bin/sh\n", { mode: 0o644 });
    const PATH = `${folder}:${process.env["PATH"] ?? ""}`;
    const look = async (AGENT_COMMAND: string, AGENT = "command") => {
      const { of, exitCode } = await examine({ AGENT, AGENT_COMMAND, PATH });
      return { ...of("agent command"), exitCode };
    };
    for (const missing of [
      "/nonexistent",
      "no-such-agent",
      bad,
      "no-agent",
      folder,
    ])
      expect([missing, await look(missing)]).toMatchObject([
        missing,
        {
          status: "fail",
          detail: `${missing} cannot be run.`,
          mend: expect.stringContaining("AGENT_COMMAND"),
          exitCode: exitCodes.failed,
        },
      ]);
    // What lies in the repository is not here to be looked at.
    for (const there of [
      good,
      "my-agent",
      `["my-agent", "--fast"]`,
      "./tools/agent",
    ])
      expect([there, await look(there)]).toMatchObject([
        there,
        { status: "ok", exitCode: exitCodes.ok },
      ]);
    expect(await look("/nonexistent", "claude")).toMatchObject({
      status: "warn",
      exitCode: exitCodes.ok,
    });
  });

  test("where bubblewrap does not hold says what allows agents to run, and warns once that is allowed", async () => {
    // Node's own folder is always searched, and may hold a bubblewrap that works: this one comes first.
    const broken = await mkdtemp(join(folder, "broken-"));
    await writeFile(join(broken, "bwrap"), "#!/bin/sh\nexit 1\n", {
      mode: 0o755,
    });
    const PATH = `${broken}:${process.env["PATH"] ?? ""}`;
    const mend = expect.stringMatching(
      /bubblewrap.*ALLOW_UNSANDBOXED_AGENTS=true/,
    );
    const refused = await examine({ PATH, ALLOW_UNSANDBOXED_AGENTS: "" });
    expect(refused.of("sandbox")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("Agents do not run without a sandbox"),
      mend,
    });
    expect(refused.exitCode).toBe(exitCodes.failed);
    const allowed = await examine({ PATH, ALLOW_UNSANDBOXED_AGENTS: "true" });
    expect(allowed.of("sandbox")).toMatchObject({ status: "warn", mend });
    expect(allowed.exitCode).toBe(exitCodes.ok);
  });

  test("finds a token that may only read", async () => {
    api.github.addUser({ login: "reader" });
    api.github.setCollaborator(repo, "reader", "read");
    const { of } = await examine({
      GITHUB_TOKEN: api.github.createToken({ user: "reader" }),
    });
    expect(of(`repository ${repo}`)?.status).toBe("fail");
  });

  test("warns of what is not needed for everything", async () => {
    const { of, exitCode } = await examine({
      GITHUB_WEBHOOK_SECRET: "",
      CODEX_PATH: "/nonexistent/codex",
      PULLWRIGHT_URL: "http://127.0.0.1:9",
      WEBHOOK_PORT: "9",
    });
    for (const check of [
      "webhook secret",
      "webhook gateway",
      "agent codex",
      "api",
    ])
      expect([check, of(check)?.status]).toEqual([check, "warn"]);
    expect(exitCode).toBe(exitCodes.ok);
  });

  test("names every bad setting at once, and never a secret", async () => {
    const environment = {
      ...healthy,
      PORT: "many",
      LOG_LEVEL: "loud",
      GITHUB_TOKEN: "ghp_very_secret_indeed",
      AGENT: "skynet",
      DATABASE_URL: "postgres://me:100%_very_secret@127.0.0.1/x",
    };
    const { exitCode, out } = await pullwright(api, ["doctor"], {
      environment,
    });
    expect(exitCode).toBe(exitCodes.failed);
    expect(out).toContain("PORT");
    expect(out).toContain("LOG_LEVEL");
    expect(out).toContain("AGENT: must be one of claude, codex, command");
    expect(out).toMatch(/DATABASE_URL: .*percent-encoded/);
    expect(out).not.toContain("very_secret");
  });
});
