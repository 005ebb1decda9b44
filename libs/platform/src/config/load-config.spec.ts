import { describe, expect, test } from "@jest/globals";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "./configuration-error.js";
import { loadConfig, type ConfigNeed } from "./load-config.js";
import type { Environment } from "./read-settings.js";

function refusal(
  environment: Environment,
  needs: readonly ConfigNeed[] = [],
): ConfigurationError {
  try {
    loadConfig(environment, needs);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted.");
}

const APP_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs1", format: "pem" })
  .toString()
  .trim();

const keysOf = (error: ConfigurationError) =>
  error.faults.map(({ key }) => key);

describe("without any variable", () => {
  const config = loadConfig({});

  test("the embedded stores are used", () => {
    expect(config.database).toEqual({
      url: undefined,
      embeddedDir: join(process.cwd(), ".pullwright", "postgres"),
    });
    expect(config.redis.url).toBeUndefined();
  });

  test("the documented defaults hold", () => {
    expect(config.http).toMatchObject({
      port: 8000,
      webhookPort: 8001,
      apiDocs: "protected",
      corsOrigins: [],
    });
    expect(config.github).toMatchObject({
      apiUrl: "https://api.github.com",
      graphqlUrl: "https://api.github.com/graphql",
      serverUrl: "https://github.com",
      writesPerMinute: 60,
      webhookSecrets: [],
    });
    expect(config.polling.intervalMs).toBe(60_000);
    expect(config.heartbeat).toEqual({
      intervalMs: 15_000,
      timeoutMs: 120_000,
    });
    expect(config.runner).toMatchObject({
      maxBuildRounds: 3,
      allowUnsandboxed: false,
      maxRunUsd: undefined,
      maxDayUsd: undefined,
      phaseTimeoutMs: undefined,
      silenceTimeoutMs: undefined,
      maxAgentMemoryBytes: 8_192 * 1024 * 1024,
    });
  });

  test("no agent runs without a sandbox, and nothing is redacted that is not there", () => {
    expect(config.runner.allowUnsandboxed).toBe(false);
    expect(config.secrets).toEqual([]);
  });
});

describe("values", () => {
  test("replace the defaults", () => {
    const config = loadConfig({
      PORT: "0",
      REPOSITORIES: "octo/one, octo/two,",
      MAX_RUN_USD: "2.5",
      PHASE_TIMEOUT_MINUTES: "90",
      SILENCE_TIMEOUT_MINUTES: "2",
      MAX_DAY_USD: "40",
      MAX_AGENT_MEMORY_MB: "100",
      GITHUB_WRITES_PER_MINUTE: "30",
      ALLOW_UNSANDBOXED_AGENTS: "TRUE",
      GITHUB_WEBHOOK_SECRET: "now",
      GITHUB_WEBHOOK_SECRET_NEXT: "soon",
      GITHUB_TOKEN: "t0ken",
    });
    expect(config.http.port).toBe(0);
    expect(config.repositories).toEqual(["octo/one", "octo/two"]);
    expect(config.runner).toMatchObject({
      maxRunUsd: 2.5,
      maxDayUsd: 40,
      phaseTimeoutMs: 5_400_000,
      silenceTimeoutMs: 120_000,
      maxAgentMemoryBytes: 104_857_600,
      allowUnsandboxed: true,
    });
    expect(config.github.writesPerMinute).toBe(30);
    expect(config.github.webhookSecrets).toEqual(["now", "soon"]);
    expect(config.github.credentials).toEqual({
      kind: "token",
      token: "t0ken",
    });
  });

  test("of retention each reach the kind of data that they are named for", () => {
    const { retention } = loadConfig({
      RETENTION_LOG_DAYS: "1",
      RETENTION_TRANSCRIPT_DAYS: "2",
      RETENTION_DELIVERY_DAYS: "3",
      RETENTION_RUN_DAYS: "4",
      RETENTION_AUDIT_DAYS: "5",
    });
    expect(retention).toEqual({
      logDays: 1,
      transcriptDays: 2,
      deliveryDays: 3,
      runDays: 4,
      auditDays: 5,
    });
  });

  test("prices name what they leave out as input", () => {
    const { prices } = loadConfig({
      MODEL_PRICES: "Large=1.5/6/0.15/1.9,*=2/8",
    }).agents;
    expect([...prices]).toEqual([
      ["large", { input: 1.5, output: 6, cacheRead: 0.15, cacheWrite: 1.9 }],
      ["*", { input: 2, output: 8, cacheRead: 2, cacheWrite: 2 }],
    ]);
    expect(keysOf(refusal({ MODEL_PRICES: "large=2" }))).toEqual([
      "MODEL_PRICES",
    ]);
  });

  test("that are empty count as unset", () => {
    expect(loadConfig({ PORT: "", REDIS_URL: "  ", GITHUB_TOKEN: "" })).toEqual(
      loadConfig({}),
    );
  });

  test("of PATH only absolute folders are searched, since others would lie in a checkout", () => {
    const { searchPath } = loadConfig({ PATH: "/opt/git/bin::.:bin:/usr/bin" });
    expect(searchPath).toMatch(/^\/opt\/git\/bin:\/usr\/bin:\/[^:]*$/);
  });

  test("DEBUG lowers the log level", () => {
    expect(loadConfig({ DEBUG: "true" }).log.level).toBe("debug");
    expect(loadConfig({ DEBUG: "true", LOG_LEVEL: "trace" }).log.level).toBe(
      "trace",
    );
  });

  test.each([
    ["a path with spaces", "/opt/my agent/run", ["/opt/my agent/run"]],
    [
      "a JSON array",
      '["node", "a b.mjs", "--x=1; rm -rf /"]',
      ["node", "a b.mjs", "--x=1; rm -rf /"],
    ],
  ])("AGENT_COMMAND may be %s", (_what, value, argv) => {
    expect(
      loadConfig({ AGENT: "command", AGENT_COMMAND: value }).agents.command,
    ).toEqual(argv);
  });

  test.each([
    [
      "https://ghe.example.com/api/v3/",
      "https://ghe.example.com",
      "https://ghe.example.com/api/graphql",
    ],
    [
      "https://api.octo.ghe.com",
      "https://octo.ghe.com",
      "https://api.octo.ghe.com/graphql",
    ],
    [
      "http://127.0.0.1:4010",
      "http://127.0.0.1:4010",
      "http://127.0.0.1:4010/graphql",
    ],
  ])(
    "the GitHub at %s has its git and GraphQL addresses derived",
    (apiUrl, serverUrl, graphqlUrl) => {
      expect(loadConfig({ GITHUB_API_URL: apiUrl }).github).toMatchObject({
        serverUrl,
        graphqlUrl,
      });
    },
  );

  test("an App's key may have its line ends written as \\n", () => {
    const { credentials } = loadConfig({
      GITHUB_APP_ID: "7",
      GITHUB_APP_PRIVATE_KEY: APP_KEY.replaceAll("\n", "\\n"),
    }).github;
    expect(credentials).toEqual({
      kind: "app",
      appId: "7",
      privateKey: APP_KEY,
    });
  });

  test("every secret is known to the redaction, passwords in addresses too", () => {
    const { secrets } = loadConfig({
      GITHUB_TOKEN: "ghp_abc",
      DATABASE_URL: "postgresql://me:p%40ss@localhost/db",
      PULLWRIGHT_API_KEY: "a-first-admin-key",
    });
    expect(secrets).toEqual(
      expect.arrayContaining([
        "ghp_abc",
        "p%40ss",
        "p@ss",
        "a-first-admin-key",
      ]),
    );
  });
});

describe("a secret's file", () => {
  const folder = mkdtempSync(join(tmpdir(), "pullwright-config-"));
  const file = join(folder, "token");
  writeFileSync(file, "from-the-file\n");

  test("is read in place of the variable", () => {
    expect(loadConfig({ GITHUB_TOKEN_FILE: file }).github.credentials).toEqual({
      kind: "token",
      token: "from-the-file",
    });
  });

  test("is refused beside the variable", () => {
    expect(
      keysOf(refusal({ GITHUB_TOKEN: "x", GITHUB_TOKEN_FILE: file })),
    ).toEqual(["GITHUB_TOKEN_FILE"]);
  });

  test("is named when it cannot be read", () => {
    rmSync(folder, { recursive: true });
    expect(refusal({ GITHUB_TOKEN_FILE: file }).message).toContain(
      "GITHUB_TOKEN_FILE: names a file that cannot be read (ENOENT)",
    );
  });
});

describe("a refusal", () => {
  test("names every bad variable at once", () => {
    const error = refusal({
      PORT: "eighty",
      WEBHOOK_PORT: "70000",
      DATABASE_URL: "mysql://localhost/db",
      REPOSITORIES: "octo/one,two",
      LOG_LEVEL: "loud",
      MAX_RUN_USD: "-1",
      AGENT_COMMAND: '["node", 1]',
      ALLOW_UNSANDBOXED_AGENTS: "perhaps",
      CORS_ORIGINS: "*",
      GITHUB_API_URL: "api.github.com",
    });
    expect(new Set(keysOf(error))).toEqual(
      // prettier-ignore
      new Set(["PORT", "WEBHOOK_PORT", "DATABASE_URL", "REPOSITORIES", "LOG_LEVEL", "MAX_RUN_USD", "AGENT_COMMAND", "ALLOW_UNSANDBOXED_AGENTS", "CORS_ORIGINS", "GITHUB_API_URL"]),
    );
    expect(error.code).toBe("configuration_invalid");
    expect(error.message).toContain(
      "PORT: must be a whole number from 0 to 65535",
    );
    expect(error.message).toContain(
      'REPOSITORIES: must be owner/name, separated by commas, unlike "two"',
    );
  });

  test("never repeats a secret", () => {
    const error = refusal({
      DATABASE_URL: "mysql://me:hunter2@db/x",
      GITHUB_APP_PRIVATE_KEY: "hunter3",
    });
    expect(keysOf(error)).toEqual(["DATABASE_URL", "GITHUB_APP_PRIVATE_KEY"]);
    expect(error.message).not.toMatch(/hunter/);
  });

  test.each<[string, Environment, string]>([
    [
      "a token and an App together",
      {
        GITHUB_TOKEN: "x",
        GITHUB_APP_ID: "1",
        GITHUB_APP_PRIVATE_KEY: APP_KEY,
      },
      "GITHUB_TOKEN",
    ],
    [
      "an App without its key",
      { GITHUB_APP_ID: "1" },
      "GITHUB_APP_PRIVATE_KEY",
    ],
    [
      "an App's key without the App",
      { GITHUB_APP_PRIVATE_KEY: APP_KEY },
      "GITHUB_APP_ID",
    ],
    [
      "the command agent without a command",
      { AGENT: "command" },
      "AGENT_COMMAND",
    ],
    [
      "a route by way of the command agent without a command",
      { AGENT_ROUTE: "claude,command" },
      "AGENT_COMMAND",
    ],
    [
      "an expiry too near the heartbeat",
      { HEARTBEAT_INTERVAL_SECONDS: "60" },
      "HEARTBEAT_TIMEOUT_SECONDS",
    ],
  ])("meets %s", (_what, environment, key) => {
    expect(keysOf(refusal(environment))).toEqual([key]);
  });

  test.each(["two words", "schlüssel", "tab\there", "k".repeat(513)])(
    "takes %j for no key that a client could send, and shows none of it",
    (value) => {
      expect(refusal({ PULLWRIGHT_API_KEY: value }).faults).toEqual([
        {
          key: "PULLWRIGHT_API_KEY",
          problem:
            "must be up to 512 printable ASCII characters without spaces: no client can send another",
        },
      ]);
    },
  );

  const curve = { namedCurve: "P-256" };
  test.each([
    ["text", "hunter2"],
    ["a key that was cut", APP_KEY.slice(0, -100)],
    [
      "the public key",
      generateKeyPairSync("rsa", { modulusLength: 2048 })
        .publicKey.export({ type: "spki", format: "pem" })
        .toString(),
    ],
    [
      "a key of another kind",
      generateKeyPairSync("ec", curve)
        .privateKey.export({ type: "pkcs8", format: "pem" })
        .toString(),
    ],
  ])("takes %s for no App's key, and shows none of it", (_what, value) => {
    const { faults } = refusal({
      GITHUB_APP_ID: "1",
      GITHUB_APP_PRIVATE_KEY: value,
    });
    expect(faults).toEqual([
      {
        key: "GITHUB_APP_PRIVATE_KEY",
        problem:
          "must be the App's private key as GitHub gives it: the whole PEM file, from -----BEGIN RSA PRIVATE KEY----- to its END line",
      },
    ]);
  });

  test.each<[Environment, string[]]>([
    [
      { AGENT: "claud", AGENT_ROUTE: "claude,codx" },
      [
        "AGENT: must be one of claude, codex, command",
        'AGENT_ROUTE: must be names of agents (claude, codex, command), separated by commas, unlike "codx"',
      ],
    ],
    [
      {
        REPOSITORIES:
          "octo/one,octo/..,mona_octo/two,https://me:hunter2@github.com/o/r",
      },
      [
        'REPOSITORIES: must be owner/name, separated by commas, unlike "octo/..", "https://me:[redacted]@github.com/o/r"',
      ],
    ],
    [
      {
        DATABASE_URL: "postgres://me:100%hunter2@db/x",
        REDIS_URL: "redis://:hunter2%@redis:6379",
      },
      [
        "DATABASE_URL: must be an address that begins with postgres:// or postgresql://, with user name and password percent-encoded (% as %25, @ as %40, / as %2F)",
        "REDIS_URL: must be an address that begins with redis:// or rediss://, with user name and password percent-encoded (% as %25, @ as %40, / as %2F)",
      ],
    ],
  ])("says how to mend %j", (environment, problems) => {
    const { faults, message } = refusal(environment);
    expect(faults.map(({ key, problem }) => `${key}: ${problem}`)).toEqual(
      problems,
    );
    expect(message).not.toContain("hunter2");
  });

  test("names what this app needs and lacks", () => {
    const error = refusal({ PORT: "x" }, [
      "github",
      "repositories",
      "webhook-secret",
    ]);
    expect(keysOf(error)).toEqual([
      "PORT",
      "GITHUB_TOKEN",
      "REPOSITORIES",
      "GITHUB_WEBHOOK_SECRET",
    ]);
  });
});

test.each([
  [["two-ports"], "8000", "s", ["WEBHOOK_PORT"]],
  [["two-ports"], "0", "s", []],
  [["two-ports"], "8000", "", []],
  [[], "8000", "s", []],
] as [ConfigNeed[], string, string, string[]][])(
  "for a process that needs %j, PORT and WEBHOOK_PORT both %s with the secret '%s' are refused by %j",
  (needs, port, secret, keys) => {
    const environment = { PORT: port, WEBHOOK_PORT: port, GITHUB_WEBHOOK_SECRET: secret }; // prettier-ignore
    const read = () => loadConfig(environment, needs);
    if (keys.length === 0) expect(read).not.toThrow();
    else expect(keysOf(refusal(environment, needs))).toEqual(keys);
  },
);

test("keys and webhook secrets that may be guessed are warned of, and not shown", () => {
  const short = {
    PULLWRIGHT_API_KEY: "hunter2-hunter2",
    GITHUB_WEBHOOK_SECRET: "hunter2",
    GITHUB_WEBHOOK_SECRET_NEXT: "hunter3",
  };
  const { warnings } = loadConfig(short);
  expect(warnings).toEqual(
    Object.keys(short).map(
      (name) =>
        `${name} is shorter than 16 characters and may be guessed: set a long random one`,
    ),
  );
  const long = Object.keys(short).map((name): [string, string] => [
    name,
    "0123456789abcdef",
  ]);
  expect(loadConfig(Object.fromEntries(long)).warnings).toEqual([]);
});

test("API_DOCS may also be switched off as a flag", () => {
  expect(loadConfig({ API_DOCS: "false" }).http.apiDocs).toBe("off");
  expect(loadConfig({ API_DOCS: "true" }).http.apiDocs).toBe("protected");
  expect(() => loadConfig({ API_DOCS: "no" })).toThrow("API_DOCS");
});
