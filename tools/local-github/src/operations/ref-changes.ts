import { listCommits, type Commit } from "../git/commits.js";
import { diffFiles } from "../git/diff.js";
import type { Refs } from "../git/git-repository.js";
import { isAncestor } from "../git/merge.js";
import type { Actor, Repository } from "../state/model.js";
import { repositoryPage } from "../state/urls.js";
import type { World } from "../state/world.js";
import { userShape } from "../shapes/user-shape.js";
import { userByEmail } from "../shapes/commit-shape.js";
import { emit } from "../webhooks/emit.js";
import { emitPull } from "./emit-pull.js";
import { recordEvent } from "./issue-events.js";
import { closeIssue } from "./issues.js";
import { openPulls } from "./pulls.js";

const NO_COMMIT = "0".repeat(40);
const MAX_COMMITS_IN_PUSH = 2_048;

interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** Runs something that may move refs (a push, a REST call, a commit from outside), then does what GitHub does about it. */
export function changingRefs<T>(
  world: World,
  repository: Repository,
  actor: Actor,
  change: () => Promise<T>,
): Promise<{ result: T; changes: RefChange[] }> {
  return repository.git.exclusive(async () => {
    const before = await visibleRefs(repository);
    const result = await change();
    const changes = compare(before, await visibleRefs(repository));
    for (const one of changes) await react(world, repository, actor, one);
    return { result, changes };
  });
}

const visibleRefs = (repository: Repository): Promise<Refs> =>
  repository.git.refs("refs/");

function compare(before: Refs, after: Refs): RefChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((ref) => !ref.startsWith("refs/pull/"))
    .map((ref) => ({
      ref,
      before: before.get(ref) ?? NO_COMMIT,
      after: after.get(ref) ?? NO_COMMIT,
    }))
    .filter((change) => change.before !== change.after);
}

async function react(
  world: World,
  repository: Repository,
  actor: Actor,
  change: RefChange,
): Promise<void> {
  repository.pushedAt = repository.updatedAt = world.now();
  emitPush(world, repository, actor, change);
  emitCreateOrDelete(world, repository, actor, change);
  if (!change.ref.startsWith("refs/heads/")) return;
  const branch = change.ref.slice("refs/heads/".length);
  for (const issue of openPulls(repository)) {
    const { pull } = issue;
    if (pull.baseRef === branch && change.after !== NO_COMMIT) {
      pull.baseSha = change.after;
      pull.mergeable = undefined;
    }
    if (pull.headRef !== branch) continue;
    if (change.after === NO_COMMIT) {
      recordEvent(world, repository, issue, actor, "head_ref_deleted");
      closeIssue(world, repository, issue, actor);
      continue;
    }
    const isForced = !(await isAncestor(
      repository.git,
      change.before,
      change.after,
    ));
    pull.headSha = change.after;
    pull.mergeable = undefined;
    issue.updatedAt = world.now();
    await repository.git.text(
      "update-ref",
      `refs/pull/${issue.number}/head`,
      change.after,
    );
    if (isForced)
      recordEvent(world, repository, issue, actor, "head_ref_force_pushed", {
        commitSha: change.after,
      });
    emitPull(world, repository, issue, "synchronize", actor, {
      before: change.before,
      after: change.after,
    });
  }
}

function emitCreateOrDelete(
  world: World,
  repository: Repository,
  actor: Actor,
  change: RefChange,
): void {
  const isCreation = change.before === NO_COMMIT;
  if (!isCreation && change.after !== NO_COMMIT) return;
  const [, kind = "", name = ""] =
    /^refs\/(heads|tags)\/(.+)$/.exec(change.ref) ?? [];
  if (name === "") return;
  const payload = {
    ref: name,
    ref_type: kind === "heads" ? "branch" : "tag",
    ...(isCreation
      ? { master_branch: repository.defaultBranch, description: null }
      : {}),
    pusher_type: "user",
  };
  emit(world, repository, {
    event: isCreation ? "create" : "delete",
    sender: actor.user,
    payload,
  });
}

function emitPush(
  world: World,
  repository: Repository,
  actor: Actor,
  change: RefChange,
): void {
  const owner = {
    ...userShape(world.urls, repository.owner),
    name: repository.owner.login,
    email: repository.owner.email,
  };
  emit(world, repository, {
    event: "push",
    sender: actor.user,
    payload: () => pushPayload(world, repository, actor, change),
    // In a push, and only there, times of the repository are Unix seconds and its url is the page's.
    repositoryExtra: {
      owner,
      url: repositoryPage(world.urls, repository),
      created_at: Math.floor(repository.createdAt.getTime() / 1_000),
      pushed_at: Math.floor(repository.pushedAt.getTime() / 1_000),
      stargazers: 0,
      master_branch: repository.defaultBranch,
    },
  });
}

async function pushPayload(
  world: World,
  repository: Repository,
  actor: Actor,
  change: RefChange,
): Promise<Record<string, unknown>> {
  const { git } = repository;
  const [isCreation, isDeletion] = [
    change.before === NO_COMMIT,
    change.after === NO_COMMIT,
  ];
  const range = isCreation
    ? [
        change.after,
        "--not",
        `--exclude=${change.ref.replace("refs/heads/", "")}`,
        "--branches",
      ]
    : [`${change.before}..${change.after}`];
  const shas = isDeletion
    ? []
    : (
        await git.text(
          "rev-list",
          "--reverse",
          `--max-count=${MAX_COMMITS_IN_PUSH}`,
          ...range,
        )
      )
        .split("\n")
        .filter(Boolean);
  const commits = await Promise.all(
    shas.map(async (sha) => pushCommit(world, repository, sha)),
  );
  const page = repositoryPage(world.urls, repository);
  const head = isDeletion
    ? null
    : await pushCommit(world, repository, change.after);
  return {
    ref: change.ref,
    before: change.before,
    after: change.after,
    base_ref: null,
    compare: `${page}/compare/${change.before.slice(0, 12)}...${change.after.slice(0, 12)}`,
    created: isCreation,
    deleted: isDeletion,
    forced:
      !isCreation &&
      !isDeletion &&
      !(await isAncestor(git, change.before, change.after)),
    commits,
    head_commit: head,
    pusher: { name: actor.user.login, email: actor.user.email },
  };
}

async function pushCommit(
  world: World,
  repository: Repository,
  sha: string,
): Promise<Record<string, unknown>> {
  const { git } = repository;
  const [commit] = (await listCommits(git, sha, "--max-count=1")) as [Commit]; // the commit is there: a ref names it
  const parent =
    commit.parents[0] ??
    (await git.text("hash-object", "-t", "tree", "/dev/null"));
  const files = await diffFiles(git, parent, sha);
  const named = (status: string) =>
    files.filter((file) => file.status === status).map((file) => file.filename);
  const person = ({ name, email }: { name: string; email: string }) => {
    const user = userByEmail(world, email);
    return { name, email, ...(user ? { username: user.login } : {}) };
  };
  return {
    id: sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.author.date,
    url: `${repositoryPage(world.urls, repository)}/commit/${sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: named("added"),
    removed: named("removed"),
    modified: [...named("modified"), ...named("renamed"), ...named("changed")],
  };
}
