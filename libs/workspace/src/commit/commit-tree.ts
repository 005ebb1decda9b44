import { rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

import type { CheckoutState } from "../checkout/checkout-state.js";
import type { OwnedFolders } from "../checkout/owned-folders.js";
import type { Change } from "../git/changes.js";
import type { Git, GitScope } from "../git/git.js";
import { defaultGuardPolicy } from "../guard/guard-policy.js";
import { findSecrets } from "../guard/secret-scan.js";
import type { Violation } from "../guard/violation.js";
import type { CommitAnswer, CommitRequest, Person } from "./commit-request.js";
import { leftMarkers } from "./conflict-markers.js";
import { guardIndex, indexChanges } from "./inspect-index.js";
import { endQuarantine, quarantined } from "./quarantine.js";
import { stageFiles } from "./stage-files.js";
import { stageTree } from "./stage-tree.js";
import { messageWithTrailers } from "./trailers.js";

export interface CommitPlace {
  readonly scope: Required<GitScope>;
  readonly state: CheckoutState;
  readonly folders: OwnedFolders;
  readonly committer: Person;
}

/**
 * Makes a commit of what an agent left, in our own repository: stage → guard → write-tree → commit-tree. No porcelain,
 * so no hook, no editor and no signature; and nothing of the agent's `.git` has a say.
 */
export async function commitTree(
  git: Git,
  place: CommitPlace,
  request: CommitRequest,
): Promise<CommitAnswer> {
  const { state, folders } = place;
  const scope = await quarantined(place.scope, folders);
  const policy = request.guard ?? defaultGuardPolicy;
  const head = await state.head();
  const merged = request.files ? undefined : await state.mergeHead();
  const index = new Index(scope, request.files !== undefined);
  try {
    const unstaged = request.files
      ? await index.with(git, head, request.files)
      : await stageTree(git, {
          scope,
          folders,
          policy,
          leftovers: request.leftovers ?? [],
          restored: await state.restored(),
        });
    if (unstaged.length > 0) return { kind: "refused", violations: unstaged };

    const parents: [string, ...string[]] =
      merged === undefined ? [head] : [head, merged];
    const query = { scope, env: index.env, parents };
    const changes = await indexChanges(git, query);
    if (changes.length === 0 && merged === undefined)
      return { kind: "no_changes" };

    const known = request.knownSecrets ?? [];
    const violations = [
      ...(await guardIndex(git, query, changes, policy, known)),
      ...secretsInMessage(request.message, known),
      ...(merged === undefined
        ? []
        : await leftMarkers(
            git,
            scope,
            changes,
            await state.conflicts(),
            policy,
          )),
    ];
    if (violations.length > 0) return { kind: "refused", violations };

    const tree = await git.text(scope, ["write-tree"], { env: index.env });
    const sha = await git.text(
      scope,
      ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])],
      {
        stdin: messageWithTrailers(request.message, request.trailers),
        env: {
          ...committerOf(place.committer),
          ...authorOf(request.author ?? place.committer),
        },
      },
    );
    await endQuarantine(place.scope, folders);
    await state.moveHead(sha);
    if (merged !== undefined) await state.endMerge();
    return {
      kind: "committed",
      commit: {
        sha,
        parentSha: head,
        ...sumOf(changes),
        changes,
      },
    };
  } finally {
    await index.drop();
  }
}

/** Who makes the commits, as git's environment. */
export function committerOf({ name, email }: Person): Record<string, string> {
  return { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

function authorOf({ name, email }: Person): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email };
}

/** The checkout's own index, or one of its own for a commit that does not come from the tree. */
class Index {
  readonly env: Readonly<Record<string, string>>;
  readonly #scope: GitScope;
  readonly #path: string | undefined;

  constructor(scope: GitScope, separate: boolean) {
    this.#scope = scope;
    this.#path = separate
      ? join(scope.gitDir, `index-${randomUUID()}`)
      : undefined;
    this.env = this.#path === undefined ? {} : { GIT_INDEX_FILE: this.#path };
  }

  async with(
    git: Git,
    head: string,
    files: ReadonlyMap<string, string>,
  ): Promise<Violation[]> {
    await git.run(this.#scope, ["read-tree", head], { env: this.env });
    return stageFiles(git, this.#scope, this.env, files);
  }

  async drop(): Promise<void> {
    if (this.#path !== undefined) await rm(this.#path, { force: true });
  }
}

function secretsInMessage(
  message: string,
  known: readonly string[],
): Violation[] {
  return findSecrets(message, known).map((name) => ({
    rule: "secret",
    path: null,
    message: `The commit message holds what looks like ${name}.`,
  }));
}

function sumOf(changes: readonly Change[]): {
  files: number;
  insertions: number;
  deletions: number;
} {
  return {
    files: changes.length,
    insertions: changes.reduce(
      (sum, change) => sum + (change.additions ?? 0),
      0,
    ),
    deletions: changes.reduce(
      (sum, change) => sum + (change.deletions ?? 0),
      0,
    ),
  };
}
