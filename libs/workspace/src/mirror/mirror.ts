import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import type { OwnedFolders } from "../checkout/owned-folders.js";
import { exists } from "../files/exists.js";
import type { Askpass, GitCredentials } from "../git/credentials.js";
import type { Git, GitScope } from "../git/git.js";
import { GitError } from "../git/git-error.js";
import { branchRef, folderName, seenRef, sha } from "../git/names.js";
import { lookUp } from "../git/objects.js";
import { withFileLock } from "./file-lock.js";
import { keepPlain, type PlainLimits } from "./plain-pack.js";

const MINUTE = 60_000;
const FETCH_TIMEOUT_MS = 30 * MINUTE;
/** Whoever holds the mirror fetches, and so is done by then; one that was stopped is not waited for. */
const LOCK_TIMEOUT_MS = FETCH_TIMEOUT_MS + MINUTE;

/** A repository as the workspace needs it. */
export interface RepositoryRef {
  /** Stable over renames, such as GitHub's numeric id. */
  readonly id: string;
  readonly cloneUrl: string;
}

export interface MirrorQuery {
  readonly repository: RepositoryRef;
  readonly credentials?: GitCredentials | undefined;
  readonly branch: string;
  readonly baseBranch: string;
  /** Null: the base branch, whatever lies on the branch; absent: the branch's tip, or the base branch while it is not there. */
  readonly startSha?: string | null | undefined;
  /** `when_missing` asks the remote only for what is not here yet. */
  readonly fetch?: "always" | "when_missing" | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Tips {
  readonly baseTipSha: string;
  /** The branch on the remote as last seen; null when it is not there. */
  readonly remoteSha: string | null;
  /** Where the work starts. */
  readonly headSha: string;
}

/** One bare repository per remote, ours alone: all objects live here, and no agent ever sees its configuration. */
export class Mirrors {
  readonly #folder: string;
  readonly #folders: OwnedFolders;
  readonly #git: Git;
  readonly #askpass: Askpass;

  constructor(
    folder: string,
    folders: OwnedFolders,
    git: Git,
    askpass: Askpass,
  ) {
    this.#folder = folder;
    this.#folders = folders;
    this.#git = git;
    this.#askpass = askpass;
  }

  scope(repositoryId: string): GitScope {
    return { gitDir: join(this.#folder, `${folderName(repositoryId)}.git`) };
  }

  objects(repositoryId: string): string {
    return join(this.scope(repositoryId).gitDir, "objects");
  }

  /** Finds the commits to work from, and fetches under a lock what is missing. */
  async find(query: MirrorQuery): Promise<Tips> {
    const scope = this.scope(query.repository.id);
    const known =
      query.fetch === "always" ? undefined : await this.#known(scope, query);
    // Without a start the tip of a branch decides, and only the remote knows that.
    if (known && typeof query.startSha === "string") return known;
    await this.#alone(scope, query.signal, () => this.#fetch(scope, query));
    const found = await this.#known(scope, query);
    if (found) return found;
    throw new GitError(
      "COMMIT_NOT_FOUND",
      `Neither ${query.baseBranch} nor the start of the work is in the repository.`,
    );
  }

  /** The repository's scope; its mirror is made when it is not there yet. */
  async ready(repositoryId: string, signal?: AbortSignal): Promise<GitScope> {
    const scope = this.scope(repositoryId);
    if (!(await exists(join(scope.gitDir, "HEAD"))))
      await this.#alone(scope, signal, () => this.#create(scope));
    return scope;
  }

  /** Records what a push has put on the remote. */
  async saw(
    repositoryId: string,
    branch: string,
    tip: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const scope = this.scope(repositoryId);
    await this.#alone(scope, signal, () =>
      this.#git.run(scope, ["update-ref", seenRef(branch), sha(tip)]),
    );
  }

  #alone<T>(
    { gitDir }: GitScope,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const wait = { signal, timeoutMs: LOCK_TIMEOUT_MS };
    return withFileLock(`${gitDir}.lock`, work, wait);
  }

  /** Keeps the files of a commit at hand for checkouts. */
  async keepPlain(
    repositoryId: string,
    commit: string,
    limits: PlainLimits,
  ): Promise<void> {
    const tools = { git: this.#git, folders: this.#folders };
    await keepPlain(tools, this.scope(repositoryId), commit, limits);
  }

  async #known(scope: GitScope, query: MirrorQuery): Promise<Tips | undefined> {
    if (!(await exists(join(scope.gitDir, "HEAD")))) return undefined;
    const names = [seenRef(query.baseBranch), seenRef(query.branch)];
    if (typeof query.startSha === "string") names.push(sha(query.startSha));
    const [base, branch, start] = await lookUp(this.#git, scope, names);
    const tip = query.startSha === undefined ? (branch ?? base) : base;
    const head = typeof query.startSha === "string" ? start : tip;
    if (base?.type !== "commit" || head?.type !== "commit") return undefined;
    return {
      baseTipSha: base.sha,
      remoteSha: branch?.sha ?? null,
      headSha: head.sha,
    };
  }

  async #fetch(scope: GitScope, query: MirrorQuery): Promise<void> {
    const { repository, baseBranch, branch } = query;
    await this.#create(scope);
    await dropLeftovers(scope.gitDir);
    // A pattern may match nothing, where a branch that does not exist yet would be an error; prune forgets one that is gone.
    const refspecs = [
      `+${branchRef(baseBranch)}:${seenRef(baseBranch)}`,
      ...(branch === baseBranch
        ? []
        : [`+${branchRef(branch)}*:${seenRef(branch)}*`]),
    ];
    await this.#remoteFetch(scope, query, [
      "--prune",
      "--",
      repository.cloneUrl,
      ...refspecs,
    ]);
    if (typeof query.startSha !== "string") return;
    const [start] = await lookUp(this.#git, scope, [sha(query.startSha)]);
    if (start) return;
    // Not on the branch any more: a server gives any commit that it still reaches.
    await this.#remoteFetch(scope, query, [
      "--",
      repository.cloneUrl,
      sha(query.startSha),
    ]);
  }

  async #remoteFetch(
    scope: GitScope,
    query: MirrorQuery,
    args: readonly string[],
  ): Promise<void> {
    const { repository, credentials, signal } = query;
    await this.#askpass.during(repository.cloneUrl, credentials, (call) =>
      this.#git.run(
        scope,
        [
          "fetch",
          "--quiet",
          "--no-tags",
          "--no-write-fetch-head",
          "--no-auto-gc",
          ...args,
        ],
        {
          ...call,
          timeoutMs: FETCH_TIMEOUT_MS,
          signal,
        },
      ),
    );
  }

  /** Whole or not at all: others look for it without the lock, and its maker may be killed half-way. */
  async #create({ gitDir }: GitScope): Promise<void> {
    if (await exists(join(gitDir, "HEAD"))) return;
    const unfinished = `${gitDir}.new`;
    for (const leftover of [unfinished, gitDir])
      await this.#folders.remove(leftover);
    await this.#folders.make(unfinished);
    await this.#git.run({ gitDir: unfinished }, [
      "init",
      "--quiet",
      "--bare",
      "--template=",
      "--initial-branch=none",
    ]);
    await rename(unfinished, gitDir);
  }
}

/** Locks and half-written packs of a git that was killed; whoever holds the mirror's lock knows that nobody uses them. */
async function dropLeftovers(gitDir: string): Promise<void> {
  const refs = await readdir(join(gitDir, "refs"), { recursive: true });
  const locks = refs
    .filter((name) => name.endsWith(".lock"))
    .map((name) => join("refs", name));
  const packs = await readdir(join(gitDir, "objects/pack")).catch(() => []);
  const halves = packs
    .filter((name) => name.startsWith("tmp_pack_"))
    .map((name) => join("objects/pack", name));
  for (const name of ["packed-refs.lock", "HEAD.lock", ...locks, ...halves])
    await rm(join(gitDir, name), { force: true });
}
