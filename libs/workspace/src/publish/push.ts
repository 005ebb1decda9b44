import { trailersOf } from "../commit/trailers.js";
import type { Askpass, GitCredentials } from "../git/credentials.js";
import type { Git, GitScope } from "../git/git.js";
import { gitFailure } from "../git/git-error.js";
import { branchRef, sha as checkedSha } from "../git/names.js";

const PUSH_TIMEOUT_MS = 10 * 60_000;
/** A stale attempt leaves a commit or two; a longer history is somebody's work. */
const MAX_STALE_COMMITS = 20;
const MAX_TRIES = 3;

export interface PushRequest {
  readonly sha: string;
  /** What the branch holds on the remote as far as we know; null when it should not exist. */
  readonly expected: string | null;
  /** Commits of this run's same phase, made by an earlier attempt, may be replaced. */
  readonly runId: string;
  readonly credentials?: GitCredentials | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type PushAnswer =
  | { readonly kind: "pushed" | "adopted" }
  /** Somebody else's commits are there; they were left as they are. Null: the branch is gone. */
  | { readonly kind: "conflict"; readonly remoteSha: string | null }
  /** The remote's own rules refuse it: a protected branch, a hook, a missing permission. */
  | { readonly kind: "rejected"; readonly message: string };

export interface PushPlace {
  readonly scope: GitScope;
  readonly cloneUrl: string;
  readonly branch: string;
  readonly committerEmail: string;
}

interface Remote {
  readonly git: Git;
  readonly askpass: Askpass;
  readonly place: PushPlace;
  readonly request: PushRequest;
}

/** Publishes a commit by compare-and-set (R7): what is on the branch is replaced only when it is what we expect or our own. */
export async function push(
  git: Git,
  askpass: Askpass,
  place: PushPlace,
  request: PushRequest,
): Promise<PushAnswer> {
  const remote: Remote = { git, askpass, place, request };
  let expected = request.expected;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await pushOnce(remote, expected);
    if (answer.kind !== "stale") return answer;
    const tip = await remoteTip(git, askpass, place, request);
    if (tip === request.sha) return { kind: "adopted" };
    // Read late enough to be what we expected after all: the first push lost a race, try again.
    if (tip !== expected && !(tip !== null && (await isOurStale(remote, tip))))
      return { kind: "conflict", remoteSha: tip };
    expected = tip;
  }
  return { kind: "conflict", remoteSha: expected };
}

/** What a branch holds on the remote now; null when it does not exist. */
export async function remoteTip(
  git: Git,
  askpass: Askpass,
  place: Omit<PushPlace, "committerEmail">,
  request: Pick<PushRequest, "credentials" | "signal">,
): Promise<string | null> {
  const ref = branchRef(place.branch);
  const text = await askpass.during(
    place.cloneUrl,
    request.credentials,
    (call) =>
      git.text(
        place.scope,
        ["ls-remote", "--refs", "--", place.cloneUrl, ref],
        { ...call, signal: request.signal },
      ),
  );
  const line = text.split("\n").find((one) => one.endsWith(`\t${ref}`));
  return line?.split("\t")[0] ?? null;
}

async function pushOnce(
  { git, askpass, place, request }: Remote,
  expected: string | null,
): Promise<PushAnswer | { readonly kind: "stale" }> {
  const ref = branchRef(place.branch);
  const lease = `--force-with-lease=${ref}:${expected === null ? "" : checkedSha(expected)}`;
  const refspec = `${checkedSha(request.sha)}:${ref}`;
  const result = await askpass.during(
    place.cloneUrl,
    request.credentials,
    (call) =>
      git.run(
        place.scope,
        [
          "push",
          "--porcelain",
          "--no-verify",
          lease,
          "--",
          place.cloneUrl,
          refspec,
        ],
        {
          ...call,
          timeoutMs: PUSH_TIMEOUT_MS,
          signal: request.signal,
          answers: [1],
        },
      ),
  );
  // Porcelain's status lines are made for machines: flag, from:to, summary.
  const line =
    result.stdout
      .toString("utf8")
      .split("\n")
      .find((one) => one.includes(`:${ref}\t`)) ?? "";
  switch (line.charAt(0)) {
    case "=":
      return { kind: "adopted" };
    case "!":
      return line.includes("[remote rejected]")
        ? rejectedOrStale(line)
        : { kind: "stale" };
    case "":
      throw gitFailure("push", result);
    default:
      return { kind: "pushed" };
  }
}

/** The server compares once more: one who was faster makes it refuse the lock, which is no rule of the remote. */
function rejectedOrStale(
  line: string,
): PushAnswer | { readonly kind: "stale" } {
  const message = line.split("\t")[2] ?? line;
  return /cannot lock ref|failed to update ref|fetch first|non-fast-forward/.test(
    message,
  )
    ? { kind: "stale" }
    : { kind: "rejected", message };
}

/** Whether everything that a push would drop was made by us, for this run and phase, in an attempt that is over. */
async function isOurStale(
  { git, askpass, place, request }: Remote,
  tip: string,
): Promise<boolean> {
  await askpass.during(place.cloneUrl, request.credentials, (call) =>
    git.run(
      place.scope,
      [
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-write-fetch-head",
        "--",
        place.cloneUrl,
        branchRef(place.branch),
      ],
      {
        ...call,
        timeoutMs: PUSH_TIMEOUT_MS,
        signal: request.signal,
      },
    ),
  );
  const format = "--format=%ce%x00%B%x00%x01";
  const kept = [
    request.sha,
    ...(request.expected === null ? [] : [request.expected]),
  ].map(checkedSha);
  const range = [checkedSha(tip), "--not", ...kept];
  const log = await git.text(place.scope, [
    "log",
    "-z",
    `--max-count=${MAX_STALE_COMMITS + 1}`,
    format,
    ...range,
  ]);
  const mine = trailersOf(
    await git.text(place.scope, [
      "log",
      "-1",
      "--format=%B",
      checkedSha(request.sha),
    ]),
  );
  const commits = log
    .split("\x01")
    .filter((entry) => entry.replaceAll("\0", "") !== "");
  if (!mine || commits.length === 0 || commits.length > MAX_STALE_COMMITS)
    return false;
  return commits.every((entry) => {
    const [email, message] = entry.replace(/^\0/, "").split("\0");
    const theirs = trailersOf(message ?? "");
    // A person who amends our commit keeps its message but becomes its committer.
    return (
      email === place.committerEmail &&
      theirs?.Run === request.runId &&
      theirs.Phase === mine.Phase
    );
  });
}
