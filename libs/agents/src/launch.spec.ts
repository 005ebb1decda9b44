import { describe, expect, it } from "@jest/globals";
import type { AgentAdapter, AgentRequest } from "./agent.js";
import { createAgents, type AgentsSettings } from "./create-agents.js";

const settings = (
  over: Partial<AgentsSettings["host"]> = {},
): AgentsSettings => ({
  host: {
    searchPath: "/usr/bin:/bin",
    sandboxed: true,
    runsAsRoot: false,
    ...over,
  },
  claude: {
    path: "claude",
    apiKey: "sk-claude",
    baseUrl: "http://127.0.0.1:1",
  },
  codex: {
    path: "codex",
    apiKey: "sk-codex",
    baseUrl: "http://127.0.0.1:2/v1",
  },
  command: { argv: ["/opt/agent", "--fast"] },
  scripted: { script: "/opt/script.json" },
});

const request = (over: Partial<AgentRequest> = {}): AgentRequest => ({
  phase: "build",
  round: 2,
  runId: "0198a3c2-0000-7000-8000-000000000000",
  adwId: "abcd1234",
  issueNumber: 7,
  prompt: "Mend it.",
  homeDir: "/run/home",
  outputFile: "/run/out/output.json",
  worktree: "/run/worktree",
  ...over,
});

function agent(name: string, from: AgentsSettings = settings()): AgentAdapter {
  const found = createAgents(from).get(name);
  if (found === undefined) throw new Error(`no agent ${name}`);
  return found;
}

const names = ["claude", "codex", "command", "scripted"];
/** The value after a flag. */
const after = (argv: readonly string[], flag: string) =>
  argv[argv.indexOf(flag) + 1];

describe.each(names)("starting %s", (name) => {
  it("gives the prompt on stdin and nowhere else, whatever it holds", () => {
    const prompt = `--flag $(CANARY) \`id\`\n\0${"x".repeat(256 * 1024)}`;
    const launch = agent(name).prepare(request({ prompt }));
    expect(launch.stdin).toBe(prompt);
    expect(launch.cwd).toBe("/run/worktree");
    const rest = JSON.stringify([launch.argv, launch.env, launch.files]);
    expect(rest).not.toMatch(/CANARY|xxxx/);
    expect(rest.length).toBeLessThan(16 * 1024);
  });

  it("is pure: the same request gives the same launch", () => {
    expect(agent(name).prepare(request())).toEqual(
      agent(name).prepare(request()),
    );
  });

  it("keeps PATH, HOME and TMPDIR from being overridden", () => {
    const { env } = agent(
      name,
      settings({
        env: { HOME: "/root", TMPDIR: "/root", HTTPS_PROXY: "http://proxy" },
      }),
    ).prepare(request());
    expect(env).toMatchObject({
      HOME: "/run/home",
      TMPDIR: "/run/home/tmp",
      HTTPS_PROXY: "http://proxy",
    });
  });

  it("puts files only into its home, and names their folders", () => {
    const launch = agent(name).prepare(request());
    for (const { path } of launch.files) {
      expect(path.startsWith("/run/home/")).toBe(true);
      expect(
        launch.directories.some((folder) => path.startsWith(`${folder}/`)),
      ).toBe(true);
    }
  });

  it.each([
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "github_token",
    "DATABASE_URL",
    "PGPASSWORD",
    "REDIS_URL",
    "PULLWRIGHT_API_KEY",
    "SSH_AUTH_SOCK",
    "LD_PRELOAD",
  ])("refuses settings that hand it %s", (variable) => {
    const env = { [variable]: "x" };
    expect(() => createAgents(settings({ env }))).toThrow(
      expect.objectContaining({ code: "agent_settings_invalid" }),
    );
    expect(() =>
      createAgents({ ...settings(), command: { argv: ["a"], env } }),
    ).toThrow(variable);
  });
});

describe("the exact environment", () => {
  const base = ["HOME", "LANG", "PATH", "SHELL", "TERM", "TMPDIR"];
  const contract = [
    "PULLWRIGHT_ISSUE_NUMBER",
    "PULLWRIGHT_OUTPUT",
    "PULLWRIGHT_PHASE",
    "PULLWRIGHT_ROUND",
    "PULLWRIGHT_RUN_ID",
  ];
  const claude = [
    ...[
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_BASE_URL",
      "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
      "CLAUDE_CODE_MAX_RETRIES",
    ],
    ...[
      "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB",
      "DISABLE_AUTOUPDATER",
      "DISABLE_ERROR_REPORTING",
      "DISABLE_TELEMETRY",
    ],
  ];

  it.each([
    ["claude", [...base, ...claude]],
    ["codex", [...base, "OPENAI_API_KEY"]],
    ["command", [...base, ...contract]],
    ["scripted", [...base, ...contract]],
  ])("of %s holds these variables and no other", (name, variables) => {
    expect(Object.keys(agent(name).prepare(request()).env).sort()).toEqual(
      variables.toSorted(),
    );
  });
});

describe("starting Claude Code", () => {
  const argv = (over: Partial<AgentRequest> = {}, from = settings()) =>
    agent("claude", from).prepare(request(over)).argv;

  it("reads a stream of JSON and honours neither hooks nor MCP servers of the repository", () => {
    expect(argv().slice(0, 5)).toEqual([
      "claude",
      "-p",
      "--output-format",
      "stream-json",
      "--verbose",
    ]);
    expect(after(argv(), "--setting-sources")).toBe("user");
    expect(argv()).toContain("--strict-mcp-config");
  });

  it("may edit inside the current folder only, and only where the phase writes code", () => {
    expect(after(argv(), "--permission-mode")).toBe("acceptEdits");
    for (const writes of ["nothing", "plan"] as const) {
      expect(after(argv({ writes }), "--permission-mode")).toBe("default");
      expect(after(argv({ writes }), "--disallowedTools")).toBe(
        "Edit,Write,NotebookEdit",
      );
      expect(argv({ writes })).not.toContain("--allowedTools");
    }
  });

  it("runs any command inside our sandbox, and a few without it", () => {
    expect(after(argv(), "--allowedTools")).toBe("Bash");
    const unsandboxed = after(
      argv({}, settings({ sandboxed: false })),
      "--allowedTools",
    );
    expect(
      unsandboxed?.split(",").every((rule) => rule.startsWith("Bash(npm ")),
    ).toBe(true);
  });

  it.each([
    "Write",
    "Edit",
    "MultiEdit",
    " Edit ",
    "Write(**)",
    "Edit(*)",
    "Bash(ls),Write",
    "",
  ])(
    "refuses the rule %j, which would let it write anywhere or is none",
    (rule) => {
      const claude = {
        path: "claude",
        allowedTools: ["Bash(npm test:*)", rule],
      };
      expect(() => createAgents({ ...settings(), claude })).toThrow(
        expect.objectContaining({ code: "agent_settings_invalid" }),
      );
    },
  );

  it("never skips permissions, and says IS_SANDBOX only as root inside our sandbox", () => {
    for (const sandboxed of [true, false]) {
      for (const runsAsRoot of [true, false]) {
        const launch = agent(
          "claude",
          settings({ sandboxed, runsAsRoot }),
        ).prepare(request());
        expect(launch.argv.join(" ")).not.toContain("dangerously");
        expect(launch.env["IS_SANDBOX"]).toBe(
          sandboxed && runsAsRoot ? "1" : undefined,
        );
      }
    }
  });

  it("leaves retries to us and hides its key from the commands that the model runs", () => {
    expect(agent("claude").prepare(request()).env).toMatchObject({
      CLAUDE_CODE_MAX_RETRIES: "0",
      CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: "1",
      ANTHROPIC_API_KEY: "sk-claude",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    });
  });

  it("passes on model, session, turns and budget", () => {
    const all = argv({
      model: "claude-sonnet-4-5",
      sessionId: "f2a9fd16-27e5",
      maxTurns: 9,
      budgetUsd: 1.5,
    });
    expect(after(all, "--model")).toBe("claude-sonnet-4-5");
    expect(after(all, "--resume")).toBe("f2a9fd16-27e5");
    expect(after(all, "--max-turns")).toBe("9");
    expect(after(all, "--max-budget-usd")).toBe("1.5");
    expect(argv()).not.toContain("--model");
  });

  it("knows the file that a cut-off write leaves behind", () => {
    const [pattern] = agent("claude").leftovers;
    expect(pattern?.test("src/new.txt.tmp.4711.9f8e7d")).toBe(true);
    expect(pattern?.test("src/new.tmp.ts")).toBe(false);
  });
});

describe("starting codex", () => {
  const config = (over: Partial<AgentRequest> = {}, from = settings()) =>
    agent("codex", from)
      .prepare(request(over))
      .files.find((file) => file.path.endsWith("config.toml"))?.content ?? "";

  it("reads the prompt from stdin and switches its own sandbox off inside ours", () => {
    expect(agent("codex").prepare(request()).argv).toEqual([
      ...[
        "codex",
        "exec",
        "--json",
        "--skip-git-repo-check",
        "-s",
        "danger-full-access",
        "-",
      ],
    ]);
    expect(config()).toContain('sandbox_mode = "danger-full-access"');
  });

  it("keeps its own sandbox where there is none of ours", () => {
    const bare = settings({ sandboxed: false });
    expect(after(agent("codex", bare).prepare(request()).argv, "-s")).toBe(
      "workspace-write",
    );
    expect(
      after(
        agent("codex", bare).prepare(request({ writes: "plan" })).argv,
        "-s",
      ),
    ).toBe("read-only");
    expect(config({}, bare)).toContain('sandbox_mode = "workspace-write"');
  });

  it("continues a session with the mode from its configuration", () => {
    expect(
      agent("codex").prepare(request({ sessionId: "01a1fb68" })).argv,
    ).toEqual([
      ...[
        "codex",
        "exec",
        "resume",
        "--json",
        "--skip-git-repo-check",
        "01a1fb68",
        "-",
      ],
    ]);
  });

  it("has a configuration of its own, readable by nobody else, with one provider, no retries and no telemetry", () => {
    const { files } = agent("codex").prepare(request());
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ["/run/home/.codex/config.toml", 0o600],
    ]);
    for (const line of [
      'base_url = "http://127.0.0.1:2/v1"',
      'wire_api = "responses"',
      'env_key = "OPENAI_API_KEY"',
      'shell_environment_policy.inherit = "core"',
      'approval_policy = "never"',
      "request_max_retries = 0",
      "stream_max_retries = 0",
      "supports_websockets = false",
      "check_for_update_on_startup = false",
      "allow_login_shell = false",
    ]) {
      expect(config().split("\n")).toContain(line);
    }
    expect(config()).not.toContain("sk-codex");
  });

  it("stands all top-level keys before the first table", () => {
    const [top = ""] = config({ model: "gpt-x" }).split("\n[");
    for (const key of [
      "model =",
      "model_provider =",
      "sandbox_mode =",
      "shell_environment_policy",
      "developer_instructions =",
    ]) {
      expect(top).toContain(key);
    }
  });

  it("keeps its folder out of the temp dir, under which it would not work", () => {
    const launch = agent("codex").prepare(request());
    expect(launch.directories).toEqual(["/run/home/.codex", "/run/home/tmp"]);
    expect(launch.env["TMPDIR"]).toBe("/run/home/tmp");
  });
});

describe("starting a command", () => {
  it("keeps the contract with the outside", () => {
    const launch = agent("command").prepare(request());
    expect(launch.argv).toEqual(["/opt/agent", "--fast"]);
    expect(launch.env).toMatchObject({
      PULLWRIGHT_PHASE: "build",
      PULLWRIGHT_ROUND: "2",
      PULLWRIGHT_RUN_ID: "abcd1234",
      PULLWRIGHT_ISSUE_NUMBER: "7",
      PULLWRIGHT_OUTPUT: "/run/out/output.json",
    });
    expect(launch.resultFile).toBe("/run/out/output.json");
    expect(launch.writablePaths).toEqual(["/run/out"]);
  });

  it("says which of its words may be files to run: the installation's own", () => {
    const argv = ["node", "/opt/agent.mjs", "--fast"] as const;
    const from = { ...settings(), command: { argv } };
    expect(agent("command", from).prepare(request()).programs).toEqual([
      "/opt/agent.mjs",
      "--fast",
    ]);
  });

  it("leaves the number empty for a work item that is no issue", () => {
    expect(
      agent("command").prepare(request({ issueNumber: null })).env[
        "PULLWRIGHT_ISSUE_NUMBER"
      ],
    ).toBe("");
  });
});

describe("values from people's comments", () => {
  it.each(["claude", "codex"])("are no files to run for %s", (name) => {
    const asked = request({ model: "a/b", sessionId: "s", budgetUsd: 1 });
    expect(agent(name).prepare(asked).programs).toEqual([]);
  });

  it.each([
    "--dangerously-skip-permissions",
    "-c",
    "a b",
    "a\nb",
    'x"',
    "",
    "x".repeat(200),
  ])("refuses the model %j", (model) => {
    for (const name of ["claude", "codex"]) {
      expect(() => agent(name).prepare(request({ model }))).toThrow(
        expect.objectContaining({ code: "agent_request_invalid" }),
      );
    }
  });

  it.each([
    "claude-sonnet-4-5",
    "claude-opus-4-8[1m]",
    "openai/gpt-5.1",
    "model:latest",
    "us.anthropic.claude@20250101",
  ])("takes the model %j", (model) => {
    expect(
      after(agent("claude").prepare(request({ model })).argv, "--model"),
    ).toBe(model);
  });
});

describe("the registry", () => {
  it("holds the agents that have settings, and says what each lacks", () => {
    const agents = createAgents({
      host: settings().host,
      claude: { path: "/opt/claude" },
      command: { argv: ["/opt/agent"] },
    });
    expect(agents.get("codex")).toBeUndefined();
    expect(agents.get("constructor")).toBeUndefined();
    expect(agents.list()).toMatchObject([
      {
        agent: "claude",
        executable: "/opt/claude",
        versionArgv: ["/opt/claude", "--version"],
        missingSettings: ["ANTHROPIC_API_KEY"],
      },
      {
        agent: "command",
        executable: "/opt/agent",
        versionArgv: null,
        missingSettings: [],
      },
    ]);
  });
});
