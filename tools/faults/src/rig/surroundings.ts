import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";

export const REPOSITORY = "acme/shop";
/** Who asks for work, and may. */
export const PERSON = "ada";
/** Who Pullwright is to GitHub. */
export const BOT = "pullwright-bot";

/** Compiled, also when the suite runs from its source: the agent is a program of its own. */
const agentProgram = fileURLToPath(
  new URL("../../dist/agent/agent.js", import.meta.url),
);

/** What nobody but Pullwright may know; none of it may stand in a log. */
export interface Secrets {
  readonly token: string;
  readonly webhookSecret: string;
  readonly apiKey: string;
}

/** Where the product lives, apart from its servers: a folder, a GitHub with a repository, and an agent. */
export interface Surroundings {
  readonly folder: string;
  readonly github: LocalGitHub;
  readonly secrets: Secrets;
  /** For `AGENT_COMMAND`, before the director's port. */
  readonly agent: string;
}

const files = {
  "README.md": "# Shop\n",
  "package.json": JSON.stringify({
    name: "shop",
    version: "1.0.0",
    type: "module",
    scripts: { test: "node -e 0" },
  }),
};

export async function makeSurroundings(): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), "pullwright-faults-"));
  await chmod(folder, 0o755); // Agents and Postgres are other users, who must get in.
  const github = await startLocalGitHub({
    dataDir: join(folder, "github"),
    webhookDeliveryTimeoutMs: 5_000,
    rateLimit: 1_000_000,
  });
  for (const login of ["acme", PERSON, "mallory", BOT])
    github.addUser({ login });
  await github.createRepository({ owner: "acme", name: "shop", files });
  github.setCollaborator(REPOSITORY, PERSON, "write");
  github.setCollaborator(REPOSITORY, BOT, "write");
  // Alone in its folder, so that a sandbox needs to show nothing else.
  await mkdir(join(folder, "agent"));
  const agent = join(folder, "agent", "agent.mjs");
  await copyFile(agentProgram, agent);
  return {
    folder,
    github,
    agent,
    secrets: {
      token: github.createToken({ user: BOT }),
      webhookSecret: randomBytes(24).toString("hex"),
      apiKey: `pw_${randomBytes(32).toString("base64url")}`,
    },
  };
}
