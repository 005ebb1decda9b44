import type { AppTokens } from "../auth/app-tokens.js";
import type { RepositoryName } from "../repository-name.js";
import type { Door } from "../transport/door.js";
import { askForRight } from "./ask-for-right.js";
import { readScopes, scopesHold } from "./token-scopes.js";
import type { RightReading, WriteRight } from "./write-right.js";

export interface WriteRights {
  /** Who told: the App's installation, the token's scopes, or GitHub's answers where there is no list to read. */
  readonly toldBy: "installation" | "scopes" | "answers";
  /** Of a classic token; empty for all else. */
  readonly scopes: readonly string[];
  readonly readings: readonly RightReading[];
}

/** A repository, as far as rights depend on it. */
export interface RightsQuestion {
  readonly repository: RepositoryName;
  readonly isPrivate: boolean;
  readonly rights: readonly WriteRight[];
}

/** Reads what our credentials may change in a repository. Changes nothing. */
export async function readWriteRights(
  door: Door,
  appTokens: AppTokens | undefined,
  { repository, isPrivate, rights }: RightsQuestion,
): Promise<WriteRights> {
  if (appTokens) {
    const granted = await appTokens.permissionsOn(repository);
    const readings = rights.map((right): RightReading => {
      const level = granted[right] ?? "no access";
      return level === "write" || level === "admin"
        ? { right, verdict: "held" }
        : {
            right,
            verdict: "missing",
            because: `The installation has ${right}: ${level}.`,
          };
    });
    return { toldBy: "installation", scopes: [], readings };
  }
  const scopes = await readScopes(door);
  if (scopes === undefined) {
    const readings = await Promise.all(
      rights.map((right) => askForRight(door, repository, right)),
    );
    return { toldBy: "answers", scopes: [], readings };
  }
  const readings = rights.map((right): RightReading =>
    scopesHold(scopes, right, isPrivate)
      ? { right, verdict: "held" }
      : {
          right,
          verdict: "missing",
          because: `The token's scopes are ${scopes.join(", ")}.`,
        },
  );
  return { toldBy: "scopes", scopes, readings };
}
