import type { GitRepository, Person } from "./git-repository.js";

/** A commit as git stores it. */
export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly date: string };
  readonly committer: Person & { readonly date: string };
  readonly message: string;
}

const FIELDS = [
  "%H",
  "%T",
  "%P",
  "%an",
  "%ae",
  "%aI",
  "%cn",
  "%ce",
  "%cI",
  "%B",
];
const SEPARATOR = "\x1f";

/** Commits reachable from `range` (`a..b`, or one revision), newest first. */
export async function listCommits(
  git: GitRepository,
  range: string,
  ...options: string[]
): Promise<Commit[]> {
  const text = await git.text(
    "log",
    "-z",
    `--format=${FIELDS.join("%x1f")}`,
    ...options,
    "--end-of-options",
    range,
    "--",
  );
  return text.split("\0").filter(Boolean).map(parse);
}

export async function readCommit(
  git: GitRepository,
  sha: string,
): Promise<Commit> {
  const [commit] = await listCommits(git, sha, "--max-count=1");
  if (commit === undefined) throw new Error(`There is no commit ${sha}.`);
  return commit;
}

function parse(record: string): Commit {
  const [
    sha = "",
    tree = "",
    parents = "",
    an = "",
    ae = "",
    ad = "",
    cn = "",
    ce = "",
    cd = "",
    message = "",
  ] = record.split(SEPARATOR);
  return {
    sha,
    tree,
    parents: parents.split(" ").filter(Boolean),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: message.trimEnd(),
  };
}

const utc = (date: string) =>
  new Date(date).toISOString().replace(".000Z", "Z");
