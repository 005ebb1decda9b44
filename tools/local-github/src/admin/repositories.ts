import type { FilesToCommit } from "../git/git-repository.js";
import { changingRefs } from "../operations/ref-changes.js";
import {
  commitFiles,
  createRepository,
  type CommitOptions,
} from "../operations/repositories.js";
import { repositoryShape } from "../shapes/repository-shape.js";
import type { Role } from "../state/model.js";
import type { World } from "../state/world.js";

/** Repositories: what people push and what stands in them. A repository is named `owner/name`. */
export const repositories = (world: World) => ({
  /** Makes a repository with `files` as the first commit of its default branch. */
  async createRepository(input: {
    readonly owner: string;
    readonly name: string;
    readonly private?: boolean;
    readonly defaultBranch?: string;
    readonly files: FilesToCommit;
  }) {
    const { owner, name, files, defaultBranch = "main" } = input;
    const isPrivate = input.private ?? false;
    const repository = await createRepository(world, {
      owner: world.user(owner),
      name,
      isPrivate,
      defaultBranch,
      files,
    });
    return repositoryShape(world.urls, repository);
  },

  setCollaborator(repo: string, login: string, role: Role): void {
    const { collaborators } = world.repository(repo);
    if (role === "none") collaborators.delete(world.user(login));
    else collaborators.set(world.user(login), role);
  },

  /** Commits as somebody's push would: webhooks go out and pull requests follow. Returns the commit's SHA. */
  commitFiles(
    repo: string,
    branch: string,
    files: FilesToCommit,
    options: CommitOptions & { readonly author: string },
  ): Promise<string> {
    return commitFiles(world, world.repository(repo), branch, files, options, {
      user: world.user(options.author),
    });
  },

  async deleteBranch(
    repo: string,
    branch: string,
    actor: string,
  ): Promise<void> {
    const found = world.repository(repo);
    const ref = `refs/heads/${branch}`;
    await changingRefs(world, found, { user: world.user(actor) }, () =>
      found.git.text("update-ref", "-d", ref),
    );
  },

  /** Branch names with the commits they point at. */
  async branches(repo: string): Promise<Map<string, string>> {
    const refs = await world.repository(repo).git.refs("refs/heads/");
    return new Map(
      [...refs].map(([ref, sha]) => [ref.slice("refs/heads/".length), sha]),
    );
  },

  /** A file's text at a ref; `undefined` when there is none. */
  async readFile(
    repo: string,
    ref: string,
    path: string,
  ): Promise<string | undefined> {
    const { git } = world.repository(repo);
    const blob = await git.tryText(
      "rev-parse",
      "--verify",
      "--quiet",
      `${ref}:${path}`,
    );
    return blob === undefined
      ? undefined
      : (await git.bytes(["cat-file", "blob", blob])).toString("utf8");
  },

  /** The commits that `ref` has and `since` has not, newest first, each as SHA and whole message. */
  async log(
    repo: string,
    ref: string,
    since?: string,
  ): Promise<{ sha: string; message: string }[]> {
    const range = since === undefined ? ref : `${since}..${ref}`;
    const text = await world
      .repository(repo)
      .git.text("log", "-z", "--format=%H%x1f%B", range, "--");
    const records = text.split("\0").filter(Boolean);
    return records.map((record) => {
      const [sha = "", message = ""] = record.split("\x1f");
      return { sha, message: message.trimEnd() };
    });
  },

  /** What `to` changes against its merge base with `from`, as a patch. */
  diff(repo: string, from: string, to: string): Promise<string> {
    return world
      .repository(repo)
      .git.text("diff", "--no-color", "--no-ext-diff", `${from}...${to}`, "--");
  },
});
