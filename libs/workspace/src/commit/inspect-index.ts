import { type Change, parseChanges } from "../git/changes.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { GITLINK, SYMLINK } from "../git/modes.js";
import { lookUp, readBlobs } from "../git/objects.js";
import { guardChanges } from "../guard/guard-changes.js";
import type { GuardPolicy } from "../guard/guard-policy.js";
import { findSecretsByPieces } from "../guard/secret-scan.js";
import type { Violation } from "../guard/violation.js";
import { addedText } from "./added-text.js";

/** More added text than any policy lets through; what is removed from a file comes on top. */
const MAX_PATCH_BYTES = 64 * 1024 ** 2;
const DIFF = [
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
] as const;

export interface IndexQuery {
  readonly scope: GitScope;
  readonly env: Readonly<Record<string, string>>;
  /** The commits that the new one will follow; two after a merge. */
  readonly parents: readonly [string, ...string[]];
}

/** What the index changes. After a merge only what differs from both sides is ours; the rest came with the other side. */
export async function indexChanges(
  git: Git,
  { scope, env, parents }: IndexQuery,
): Promise<Change[]> {
  const lists = await Promise.all(
    parents.map(async (parent) => {
      const args = [
        "--cached",
        "--raw",
        "--numstat",
        "-z",
        "--abbrev=64",
        ...DIFF,
        parent,
      ] as const;
      return parseChanges(
        (await git.run(scope, ["diff-index", ...args], { env })).stdout,
      );
    }),
  );
  const [first = [], ...others] = lists;
  return first.filter(({ path }) =>
    others.every((list) => list.some((change) => change.path === path)),
  );
}

/** Everything that speaks against what the index holds. */
export async function guardIndex(
  git: Git,
  query: IndexQuery,
  changes: readonly Change[],
  policy: GuardPolicy,
  known: readonly string[],
): Promise<Violation[]> {
  const { scope, env } = query;
  const written = changes.filter(
    (change) => change.status !== "deleted" && !/^0+$/.test(change.newSha),
  );
  const blobs = written.filter((change) => change.newMode !== GITLINK);
  const sizes = await lookUp(
    git,
    scope,
    blobs.map((change) => change.newSha),
  );
  const links = blobs.filter((change) => change.newMode === SYMLINK);
  const targets = await readBlobs(
    git,
    scope,
    links.map((change) => change.newSha),
  );
  const allPaths = changes.some((change) => change.status === "added")
    ? records((await git.run(scope, ["ls-files", "-z"], { env })).stdout)
    : [];
  const violations = guardChanges(
    {
      changes,
      allPaths,
      bytes: new Map(
        blobs.map((change, index) => [change.path, sizes[index]?.bytes ?? 0]),
      ),
      linkTargets: new Map(
        links.map((change, index) => [
          change.path,
          targets[index]?.toString("utf8") ?? "",
        ]),
      ),
    },
    policy,
  );
  // A change that is too large is not read to its end.
  const tooLarge = violations.some(
    ({ rule }) => rule === "file_too_large" || rule === "change_too_large",
  );
  return tooLarge
    ? violations
    : [...violations, ...(await secretsIn(git, query, written, known))];
}

async function secretsIn(
  git: Git,
  { scope, env, parents }: IndexQuery,
  written: readonly Change[],
  known: readonly string[],
): Promise<Violation[]> {
  if (written.length === 0) return [];
  // As text in any case: an attribute could call a file binary to hide what is in it.
  const args = [
    "--cached",
    "--patch",
    "--unified=0",
    "--text",
    "--diff-filter=d",
    ...DIFF,
    parents[0],
  ] as const;
  const { stdout, endedBy } = await git.run(scope, ["diff-index", ...args], {
    env,
    maxOutputBytes: MAX_PATCH_BYTES,
  });
  const ours = new Set(written.map((change) => change.path));
  // In a merge the other side's files are not ours to judge; a name that git puts in quotes is looked at in any case.
  const isForeign = (path: string) =>
    parents.length > 1 && !path.startsWith('"') && !ours.has(path);
  const texts =
    endedBy === "exit" ? addedText(stdout) : wholeTexts(git, scope, written);
  const violations: Violation[] = [];
  for await (const [path, text] of texts) {
    if (isForeign(path)) continue;
    if (text === undefined) {
      const message = `${path} is too large a change to be looked through for secrets.`;
      violations.push({ rule: "unreadable", path, message });
      continue;
    }
    for (const name of await findSecretsByPieces(`${path}\n${text}`, known))
      violations.push({
        rule: "secret",
        path,
        message: `${path} holds what looks like ${name}.`,
      });
  }
  return violations;
}

/**
 * All that the written files hold, which the policy bounds; undefined is what could not be read. For a patch that was cut off,
 * since what is removed from files counts in it as well: better to blame a change for what base holds already than to miss
 * what it adds.
 */
async function* wholeTexts(
  git: Git,
  scope: GitScope,
  written: readonly Change[],
): AsyncGenerator<readonly [path: string, text: string | undefined]> {
  const blobs = written.filter((change) => change.newMode !== GITLINK);
  const shas = blobs.map((change) => change.newSha);
  const contents = await readBlobs(git, scope, shas);
  for (const [index, { path }] of blobs.entries())
    yield [path, contents[index]?.toString("utf8")];
}
