import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { processStartTime } from "@pullwright/sandbox";

import type { Checkout } from "./checkout/checkout.js";
import { CheckoutState } from "./checkout/checkout-state.js";
import { Checkouts } from "./checkout/checkouts.js";
import { OwnedFolders, reachableRoot } from "./checkout/owned-folders.js";
import { parkingKey } from "./checkout/parking-key.js";
import { restoreFromBase } from "./checkout/restore-from-base.js";
import { useJudge } from "./checkout/use-judge.js";
import { discoverCommands } from "./commands/discover-commands.js";
import type {
  FoundCommands,
  RepositoryCommand,
} from "./commands/repository-command.js";
import type {
  CommitAnswer,
  CommitRequest,
  Person,
} from "./commit/commit-request.js";
import { commitTree } from "./commit/commit-tree.js";
import { quarantined } from "./commit/quarantine.js";
import { stageTree } from "./commit/stage-tree.js";
import type { Change } from "./git/changes.js";
import { defaultGuardPolicy } from "./guard/guard-policy.js";
import { Askpass } from "./git/credentials.js";
import { Git } from "./git/git.js";
import { requireGit } from "./git/require-git.js";
import { type MirrorQuery, Mirrors } from "./mirror/mirror.js";
import {
  push,
  type PushAnswer,
  type PushRequest,
  remoteTip,
} from "./publish/push.js";
import {
  changedFiles,
  diff,
  stagedDiff,
  type DiffText,
} from "./read/compare.js";
import { readText } from "./read/read-file.js";
import {
  type MergeAnswer,
  mergeForAgent,
  type RebaseAnswer,
  rebaseOnto,
} from "./rebase/rebase.js";

import type {
  PrepareRequest,
  WorkspacesOptions,
} from "./workspaces-options.js";

const AHEAD_FROM_MS = 300;
const PLAIN_UP_TO_BYTES = 1024 ** 3;
const KEEP_FREE = 0.2;
const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Checkouts, commits and pushes for the attempts of one runner. */
export class Workspaces {
  /** Where everything lies; not what was asked for when the owner cannot reach that. */
  readonly root: string;
  readonly #git: Git;
  readonly #askpass: Askpass;
  readonly #mirrors: Mirrors;
  readonly #checkouts: Checkouts;
  readonly #folders: OwnedFolders;
  readonly #committer: Person;

  private constructor(root: string, options: WorkspacesOptions) {
    const { owner, searchPath = SEARCH_PATH } = options;
    this.root = root;
    this.#committer = options.committer ?? {
      name: "Pullwright",
      email: "pullwright@localhost",
    };
    this.#folders = new OwnedFolders(owner, searchPath);
    this.#git = new Git({
      home: join(root, "home"),
      searchPath,
      identity: owner,
      network: options.network ?? {},
    });
    this.#askpass = new Askpass(
      join(root, "secrets", String(process.pid)),
      owner,
      options.httpHosts ?? [],
    );
    this.#mirrors = new Mirrors(
      join(root, "mirrors"),
      this.#folders,
      this.#git,
      this.#askpass,
    );
    this.#checkouts = new Checkouts(root, {
      git: this.#git,
      mirrors: this.#mirrors,
      folders: this.#folders,
      searchPath,
      aheadFromMs: options.aheadFromMs ?? AHEAD_FROM_MS,
      plainUpToBytes: options.plainUpToBytes ?? PLAIN_UP_TO_BYTES,
      keepFree: options.keepFree ?? KEEP_FREE,
      atOnce: options.atOnce ?? 1,
      onTrouble: options.onTrouble ?? (() => undefined),
    });
  }

  static async open(options: WorkspacesOptions): Promise<Workspaces> {
    const workspaces = new Workspaces(
      await reachableRoot(options.root, options.owner),
      options,
    );
    await workspaces.#open();
    return workspaces;
  }

  async #open(): Promise<void> {
    for (const name of ["home", "mirrors", "secrets"]) {
      await this.#folders.make(join(this.root, name));
      await this.#folders.adopt(join(this.root, name));
    }
    await requireGit(this.#git, join(this.root, "home"));
    await this.#folders.sweep(join(this.root, "mirrors"));
    await this.#checkouts.open();
    await this.#dropSecretsOfTheDead();
    await this.#askpass.open();
  }

  /** A process that was killed may have left a token that was meant for one call. */
  async #dropSecretsOfTheDead(): Promise<void> {
    // Where there is no /proc nobody can be told dead.
    if (processStartTime(process.pid) === undefined) return;
    const folder = join(this.root, "secrets");
    const pids = await readdir(folder);
    const dead = pids.filter(
      (pid) => processStartTime(Number(pid)) === undefined,
    );
    for (const pid of dead)
      await rm(join(folder, pid), { recursive: true, force: true });
  }

  /** A checkout of the run's branch for one attempt. What is here already is not fetched again. */
  async prepare(request: PrepareRequest): Promise<Checkout> {
    const tips = await this.#mirrors.find(request);
    const { repository, branch, baseBranch, attemptId, signal } = request;
    return this.#checkouts.make({
      ...tips,
      attemptId,
      repositoryId: repository.id,
      cloneUrl: repository.cloneUrl,
      branch,
      baseBranch,
      parkingKey: parkingKey(repository.id, branch),
      signal,
    });
  }

  /** A second checkout beside the attempt's own, at another commit, that no agent has worked in. */
  async cleanCheckout(
    checkout: Checkout,
    sha: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Checkout> {
    const purpose = `clean-${sha.slice(0, 12)}`;
    return this.#checkouts.make({
      ...checkout,
      signal,
      purpose,
      headSha: sha,
      parkingKey: parkingKey(checkout.repositoryId, checkout.branch, "clean"),
    });
  }

  /** Commits what an agent left, if the guards let it. */
  async commit(
    checkout: Checkout,
    request: CommitRequest,
  ): Promise<CommitAnswer> {
    return commitTree(this.#git, this.#place(checkout), request);
  }

  /** Publishes a commit on the checkout's branch by compare-and-set (R7). */
  async push(checkout: Checkout, request: PushRequest): Promise<PushAnswer> {
    const place = {
      scope: this.#mirrors.scope(checkout.repositoryId),
      cloneUrl: checkout.cloneUrl,
      branch: checkout.branch,
      committerEmail: this.#committer.email,
    };
    const answer = await push(this.#git, this.#askpass, place, request);
    if (answer.kind === "pushed" || answer.kind === "adopted") {
      await this.#mirrors.saw(
        checkout.repositoryId,
        checkout.branch,
        request.sha,
        request.signal,
      );
    }
    return answer;
  }

  /** What a branch holds on the remote now; null when it does not exist. */
  async remoteTip(
    query: Pick<
      MirrorQuery,
      "repository" | "credentials" | "branch" | "signal"
    >,
  ): Promise<string | null> {
    const { repository, branch } = query;
    const scope = await this.#mirrors.ready(repository.id, query.signal);
    return remoteTip(
      this.#git,
      this.#askpass,
      { scope, cloneUrl: repository.cloneUrl, branch },
      query,
    );
  }

  /** Puts files or folders back to their state on the base branch, in the tree only; returns those that differed. */
  async restoreFromBase(
    checkout: Checkout,
    paths: readonly string[],
  ): Promise<string[]> {
    const { scope, state } = this.#place(checkout);
    return restoreFromBase(this.#git, scope, state, checkout.baseSha, paths);
  }

  /** The repository's own commands as of a commit. */
  async discoverCommands(
    checkout: Checkout,
    sha: string,
  ): Promise<FoundCommands> {
    return discoverCommands(
      this.#git,
      this.#mirrors.scope(checkout.repositoryId),
      sha,
    );
  }

  /**
   * Makes the commands mean in this tree what they mean at `base`, and returns the files that it took from there because
   * the change has others. For a tree that is only tested, never committed.
   */
  async useJudgeOf(
    checkout: Checkout,
    base: string,
    commands: readonly RepositoryCommand[],
  ): Promise<string[]> {
    const { scope, state } = this.#place(checkout);
    const head = await state.head();
    return useJudge(this.#git, scope, { head, base, commands });
  }

  /** A text file as of a commit; null when it is not there. */
  async readFile(
    checkout: Checkout,
    sha: string,
    path: string,
  ): Promise<string | null> {
    return readText(
      this.#git,
      this.#mirrors.scope(checkout.repositoryId),
      sha,
      path,
    );
  }

  async changedFiles(
    checkout: Checkout,
    base: string,
    head: string,
  ): Promise<Change[]> {
    return changedFiles(
      this.#git,
      this.#mirrors.scope(checkout.repositoryId),
      base,
      head,
    );
  }

  async diff(
    checkout: Checkout,
    base: string,
    head: string,
    options: { maxBytes?: number } = {},
  ): Promise<DiffText> {
    return diff(
      this.#git,
      this.#mirrors.scope(checkout.repositoryId),
      base,
      head,
      options.maxBytes,
    );
  }

  /** The patch of what an agent left and nobody will commit; null where it is nothing that git would take. */
  async diffOfTree(
    checkout: Checkout,
    options: {
      readonly leftovers?: readonly RegExp[];
      readonly maxBytes?: number;
    } = {},
  ): Promise<DiffText | null> {
    const { state, ...place } = this.#place(checkout);
    const scope = await quarantined(place.scope, this.#folders);
    const refused = await stageTree(this.#git, {
      scope,
      folders: this.#folders,
      policy: defaultGuardPolicy,
      leftovers: options.leftovers ?? [],
      restored: await state.restored(),
    });
    if (refused.length > 0) return null;
    return stagedDiff(this.#git, scope, await state.head(), options.maxBytes);
  }

  /** Puts the branch's commits on a newer base, or leaves everything as it is and names the files in conflict. */
  async rebaseOnto(checkout: Checkout, onto: string): Promise<RebaseAnswer> {
    return rebaseOnto(this.#git, this.#place(checkout), onto);
  }

  /** Merges a newer base into the tree, conflicts left open for an agent; the next commit has two parents. */
  async mergeForAgent(checkout: Checkout, onto: string): Promise<MergeAnswer> {
    return mergeForAgent(this.#git, this.#place(checkout), onto);
  }

  /** Gives a folder of ours to whoever the sandbox runs commands as. */
  async giveToSandbox(path: string): Promise<void> {
    await this.#folders.own(path);
  }

  /** Ends the use of a checkout. Its tree is kept for the run's next phase unless told to discard it. */
  async release(
    checkout: Checkout,
    options: { discard?: boolean } = {},
  ): Promise<void> {
    if (options.discard === true) await this.#checkouts.remove(checkout);
    else await this.#checkouts.park(checkout);
  }

  /**
   * Removes what attempts left that are over; returns the names of the folders. The set is asked as it is when a folder's
   * turn comes: attempts may begin meanwhile.
   */
  async reap(query: {
    readonly liveAttemptIds: ReadonlySet<string>;
  }): Promise<string[]> {
    return this.#checkouts.reap(query.liveAttemptIds);
  }

  /** Resolves once nothing is laid out in the background. */
  idle(): Promise<void> {
    return this.#checkouts.idle();
  }

  /** Ends what is done in the background. */
  close(): Promise<void> {
    return this.#checkouts.close();
  }

  #place(checkout: Checkout) {
    const scope = this.#checkouts.scope(checkout);
    return {
      scope,
      state: new CheckoutState(scope.gitDir, this.#folders),
      folders: this.#folders,
      committer: this.#committer,
    };
  }
}

/** Opens the workspaces below a folder. */
export function createWorkspaces(
  options: WorkspacesOptions,
): Promise<Workspaces> {
  return Workspaces.open(options);
}
