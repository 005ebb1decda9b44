import { z } from "zod";
import type { AppTokens } from "../auth/app-tokens.js";
import { GitHubError, isGitHubError } from "../error/github-error.js";
import type { Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";
import { accountBody, type Account } from "./account.js";

/** Who we are in GitHub's eyes: the author of our comments, and the actor to ignore. */
export interface Identity extends Account {
  readonly via: "token" | "app";
}

/**
 * Reads who the credentials belong to: the token's user, or the App's bot user. Null where the server does not tell:
 * installations' tokens, those of GitHub Actions among them, may not ask.
 */
export async function readIdentity(
  door: Door,
  appTokens: AppTokens | undefined,
): Promise<Identity | null> {
  if (!appTokens) {
    try {
      const answer = await door.rest.users.getAuthenticated();
      return { ...read(answer, accountBody), via: "token" };
    } catch (error) {
      if (!isUntold(error)) throw error;
      door.onLack({ what: "who we are", repository: undefined, error });
      return null;
    }
  }
  const app = read(
    await door.rest.apps.getAuthenticated(),
    z.object({ slug: z.string() }),
  );
  // The App's bot is a user with an id of its own; users are not shown to an App, only to its installations.
  const token = await appTokens.anyInstallation();
  if (token === undefined)
    throw new GitHubError(
      "not_found",
      "The GitHub App is installed nowhere, or suspended wherever it is",
    );
  const bot = await door.rest.users.getByUsername({
    username: `${app.slug}[bot]`,
    headers: { authorization: `Bearer ${token}` },
  });
  return { ...read(bot, accountBody), via: "app" };
}

/** Whether the server keeps from us who we are. A 404 in nobody's words is rather a wrong address of the API. */
export function isUntold(error: unknown): boolean {
  return (
    isGitHubError(error, "forbidden") ||
    (isGitHubError(error, "not_found") && error.said !== "")
  );
}
