import { join } from "node:path";
import { GitRepository, type FilesToCommit } from "../git/git-repository.js";
import type { Actor, Repository, User } from "../state/model.js";
import type { World } from "../state/world.js";
import { branchTip } from "./pulls.js";
import { changingRefs } from "./ref-changes.js";

interface NewRepository {
  readonly owner: User;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  readonly files: FilesToCommit;
}

/** Makes a repository whose default branch holds `files` as its first commit. */
export async function createRepository(
  world: World,
  input: NewRepository,
): Promise<Repository> {
  const key = `${input.owner.login}/${input.name}`.toLowerCase();
  if (world.repositories.has(key))
    throw new Error(`There is already a repository ${key}.`);
  const now = world.now();
  const git = new GitRepository(
    join(world.dataDir, "repositories", `${key}.git`),
  );
  const repository: Repository = {
    id: world.nextId(),
    owner: input.owner,
    name: input.name,
    isPrivate: input.isPrivate,
    defaultBranch: input.defaultBranch,
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    git,
    collaborators: new Map(),
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    events: [],
    statuses: [],
    checkSuites: [],
    checkRuns: new Map(),
    hooks: new Map(),
  };
  await git.create(input.defaultBranch);
  await git.commit(input.defaultBranch, input.files, {
    author: input.owner,
    message: "Initial commit",
    at: now,
  });
  world.repositories.set(key, repository);
  return repository;
}

export interface CommitOptions {
  readonly message: string;
  /** Where the commit starts; unset: the branch's tip, or the default branch's for a new branch. */
  readonly parent?: string;
  /** Replaces the branch's last commit instead of adding one: what a person's force-push does. */
  readonly force?: boolean;
}

/** Commits to a branch as somebody's push would, with all that follows from a push. Returns the commit. */
export async function commitFiles(
  world: World,
  repository: Repository,
  branch: string,
  files: FilesToCommit,
  options: CommitOptions,
  actor: Actor,
): Promise<string> {
  const { result } = await changingRefs(world, repository, actor, async () => {
    const tip =
      (await branchTip(repository, branch)) ??
      (await branchTip(repository, repository.defaultBranch));
    const parent =
      options.parent ??
      (options.force === true
        ? await repository.git.tryText(
            "rev-parse",
            "--verify",
            "--quiet",
            `${tip ?? ""}^`,
          )
        : tip);
    return repository.git.commit(branch, files, {
      parent,
      author: actor.user,
      message: options.message,
      at: world.now(),
    });
  });
  return result;
}
