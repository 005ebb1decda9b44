import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";
import {
  startInstallation,
  type Installation,
} from "./installation/installation.js";

const OWNER = "acme";
/** A person with write permission, who asks for the work. */
export const PERSON = "ada";
const BOT = "pullwright";

export interface StageOptions {
  /** Holds everything; see `makeFolder`. */
  readonly folder: string;
  /** The repository's name, without its owner. */
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Pullwright's settings besides those of its surroundings. */
  readonly settings: Readonly<Record<string, string>>;
  /** Told what happens, for people. */
  readonly note?: (text: string) => void;
  /** Ends the wait for Pullwright. */
  readonly signal?: AbortSignal;
}

/** A GitHub with one repository, and a Pullwright that serves it. */
export interface Stage {
  readonly github: LocalGitHub;
  readonly installation: Installation;
  /** `owner/name`. */
  readonly repository: string;
  readonly apiKey: string;
  /** What nobody but Pullwright may see: its token and its webhook secret. */
  readonly secrets: Readonly<Record<"token" | "webhookSecret", string>>;
  /** Ends both; safe to call twice. The folder stays. */
  close(): Promise<void>;
}

/** Builds a world to run Pullwright in, on free ports of loopback. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { folder, name, note = () => undefined } = options;
  const repository = `${OWNER}/${name}`;
  const github = await startLocalGitHub({ dataDir: join(folder, "github") });
  try {
    const token = await prepareRepository(github, options);
    note(`local GitHub on ${github.url} with the repository ${repository}`);
    const webhookSecret = randomBytes(24).toString("hex");
    const apiKey = `demo-${randomBytes(18).toString("base64url")}`;
    const installation = await startInstallation({
      folder,
      apiKey,
      settings: {
        GITHUB_API_URL: github.apiUrl,
        GITHUB_GRAPHQL_URL: github.graphqlUrl,
        GITHUB_SERVER_URL: github.url,
        GITHUB_TOKEN: token,
        GITHUB_WEBHOOK_SECRET: webhookSecret,
        REPOSITORIES: repository,
        // It listens on loopback alone, for somebody who wants to look around.
        API_DOCS: "open",
        ...options.settings,
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    note(`Pullwright on ${installation.url} with an embedded Postgres`);
    github.createWebhook(repository, {
      url: installation.webhookUrl,
      secret: webhookSecret,
    });
    return {
      github,
      installation,
      repository,
      apiKey,
      secrets: { token, webhookSecret },
      close: async () => {
        await installation.stop();
        await github.close();
      },
    };
  } catch (error) {
    await github.close();
    throw error;
  }
}

/** Makes the people and the repository; gives Pullwright's token. */
async function prepareRepository(
  github: LocalGitHub,
  { name, files }: StageOptions,
): Promise<string> {
  for (const login of [OWNER, PERSON, BOT]) github.addUser({ login });
  await github.createRepository({ owner: OWNER, name, files });
  const repository = `${OWNER}/${name}`;
  github.setCollaborator(repository, PERSON, "write");
  github.setCollaborator(repository, BOT, "write");
  return github.createToken({ user: BOT });
}
