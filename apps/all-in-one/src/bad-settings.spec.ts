import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const settings = {
  PATH: process.env["PATH"],
  PORT: "eighty",
  DATABASE_URL: "mysql://me:hunter2@db/pullwright",
};

const missing = {
  token:
    "GITHUB_TOKEN: is missing: set it, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY",
  webhookSecret:
    "GITHUB_WEBHOOK_SECRET: is missing: set the secret of the webhook",
};

/** How a program ends, and what it says until then. */
async function outcomeOf(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
) {
  const file = new URL(`../../${program}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]
      .setEncoding("utf8")
      .on("data", (text: string) => (said[stream] += text));
  const [exitCode] = (await once(child, "close")) as [number | null]; // As Node documents it.
  return { ...said, exitCode };
}

test.each([
  ["all-in-one", "Pullwright", missing.token],
  ["api", "api", missing.token],
  ["orchestrator", "orchestrator", missing.token],
  ["poller", "poller", missing.token],
  ["agent-runner", "agent-runner", missing.token],
  ["webhook-gateway", "webhook-gateway", missing.webhookSecret],
])(
  "%s does not start on bad settings: it names all of them and what it lacks, and ends with 1",
  async (app, name, lack) => {
    expect(await outcomeOf(`${app}/dist/main.js`, settings)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `${name} did not start. The configuration is not usable:
  DATABASE_URL: must be an address that begins with postgres:// or postgresql://, with user name and password percent-encoded (% as %25, @ as %40, / as %2F)
  PORT: must be a whole number from 0 to 65535
  ${lack}
`,
    });
  },
);

test.each([
  [
    "GITHUB_APP_PRIVATE_KEY",
    /must be the App's private key as GitHub gives it: .*PEM/,
  ],
  ["PULLWRIGHT_API_KEY", /must be up to 512 printable ASCII characters/],
])(
  "a %s that nobody can use stops the start, and is not shown",
  async (name, why) => {
    const { exitCode, stdout, stderr } = await outcomeOf(
      "poller/dist/main.js",
      {
        PATH: process.env["PATH"],
        GITHUB_APP_ID: "1",
        [name]: "hunter2 of nobody",
      },
    );
    expect(stderr).toMatch(new RegExp(`usable:\\n {2}${name}: ${why.source}`));
    expect(stdout + stderr).not.toContain("hunter2");
    expect(exitCode).toBe(1);
  },
);

describe("the migration", () => {
  const migrate = (env: Readonly<Record<string, string>>) =>
    outcomeOf("all-in-one/dist/migrate.js", {
      PATH: process.env["PATH"],
      ...env,
    });

  test.each([
    [{}, "DATABASE_URL is missing: name the database to migrate."],
    [
      { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:1/pullwright" },
      "Postgres does not answer: connect ECONNREFUSED 127.0.0.1:1. Start it, or name another one in DATABASE_URL.",
    ],
  ])(
    "with %j says in a sentence what it lacks, and ends with 1",
    async (env, why) => {
      expect(await migrate(env)).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: `The migration did not start. ${why}\n`,
      });
    },
  );

  test("names every bad setting", async () => {
    const { exitCode, stderr } = await migrate({
      PORT: "eighty",
      LOG_LEVEL: "loud",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      / {2}PORT: must be .*\n {2}LOG_LEVEL: |LOG_LEVEL: .*\n {2}PORT: /,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
