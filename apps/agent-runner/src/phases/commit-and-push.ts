import type { DiffSize, PhaseSucceeded } from "@pullwright/domain";
import type { NewArtifact } from "@pullwright/persistence";
import { reach, redact } from "@pullwright/platform";
import type { Checkout } from "@pullwright/workspace";
import { outlast } from "../attempt/outlast.js";
import { keepFailedDiff } from "./keep-failed-diff.js";
import { sizeSince } from "./size-since.js";
import {
  AttemptLost,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";

const MAX_DIFF_BYTES = 512 * 1024;

export interface PhaseCommit {
  /** Exactly these files are written; absent means all that the agent changed in its tree. */
  readonly files?: ReadonlyMap<string, string>;
  /** Kept unless the guards refuse the commit, and before anybody can adopt that. */
  readonly artifact?: NewArtifact;
  readonly message: string;
  /** The phase's result if the commit reaches the branch. */
  readonly result: PhaseSucceeded;
}

export interface PushOptions {
  /** What the branch holds on the remote, when this attempt has pushed to it before. */
  readonly expected?: string;
  /**
   * What the change is shown against, if not the checkout's head: the base branch, once the branch was brought onto it. Else
   * what others did there would be kept as the phase's own diff.
   */
  readonly since?: string;
}

/** Commits what a phase leaves, guards it, and publishes it on the run's branch. */
export async function commitAndPush(
  context: PhaseContext,
  checkout: Checkout,
  request: PhaseCommit,
  options: PushOptions = {},
): Promise<PhaseOutcome> {
  const { claimed, parts, log } = context;
  const { run, phase, attempt } = claimed;
  const { usage, summary } = request.result;
  const answer = await parts.workspaces.commit(checkout, {
    message: request.message,
    trailers: {
      Run: run.adwId,
      Phase: phase.definition.name,
      Attempt: attempt.attemptId,
    },
    guard: await outlast(context, () => parts.git.guardOf(run.repository)),
    leftovers: parts.agents.of(claimed.attempt).leftovers,
    knownSecrets: parts.secrets,
    ...(request.files === undefined ? {} : { files: request.files }),
  });
  switch (answer.kind) {
    case "no_changes":
      await keepArtifact(context, request);
      return { result: { outcome: "no_changes", summary, usage } };
    case "refused": {
      // They name paths, which are an agent's words as well.
      const reasons = answer.violations.map((violation) =>
        redact(violation.message, parts.secrets),
      );
      for (const reason of reasons)
        await log.add("ERROR", `refused: ${reason}`);
      // A secret is kept nowhere; what a plan wrote is in no tree.
      const isTold = answer.violations.every(({ rule }) => rule !== "secret");
      if (isTold && request.files === undefined)
        await keepFailedDiff(context, checkout);
      return {
        result: {
          outcome: "failed",
          failureClass: "policy",
          message: `The change was refused before the push: ${reasons.slice(0, 5).join("; ")}${reasons.length > 5 ? " …" : ""}`,
          summary,
          usage,
        },
      };
    }
    case "committed": {
      reach("runner.committed");
      await keepArtifact(context, request);
      const { sha, files, insertions, deletions } = answer.commit;
      const diffSize =
        options.since === undefined
          ? { files, insertions, deletions }
          : await sizeSince(context, checkout, options.since, sha);
      const commit = { sha, diffSize };
      return publish(context, checkout, commit, request.result, options);
    }
  }
}

async function keepArtifact(
  context: PhaseContext,
  { artifact }: PhaseCommit,
): Promise<void> {
  const { claimed, parts } = context;
  if (artifact !== undefined)
    await outlast(context, () =>
      parts.stores.artifacts.keep(claimed.attempt, artifact),
    );
}

/**
 * Pushes a commit under R7: what will be on the remote is stored first, so that whoever comes after a crash knows the
 * commit for ours and adopts it.
 */
export async function publish(
  context: PhaseContext,
  checkout: Checkout,
  { sha, diffSize }: { readonly sha: string; readonly diffSize: DiffSize },
  succeeded: PhaseSucceeded,
  options: PushOptions = {},
): Promise<PhaseOutcome> {
  const { claimed, parts, log, lease } = context;
  const { run, attempt } = claimed;
  const since = options.since ?? checkout.headSha;
  const result: PhaseSucceeded = { ...succeeded, commitSha: sha, diffSize };
  const diff = await parts.workspaces.diff(checkout, since, sha, {
    maxBytes: MAX_DIFF_BYTES,
  });
  const { artifacts, attempts } = parts.stores;
  await outlast(context, () =>
    artifacts.keep(attempt, {
      kind: "diff",
      name: `${claimed.phase.definition.name}-${claimed.phase.round}.diff`,
      contentType: "text/x-diff",
      content: diff.text,
    }),
  );
  if (!(await outlast(context, () => attempts.prepare(attempt, sha, result))))
    throw new AttemptLost();
  reach("runner.prepared-not-pushed");
  // The phase may be another's by now, who has looked at the branch already.
  if (!lease.isHeld) throw new AttemptLost();
  const pushed = await parts.workspaces.push(checkout, {
    sha,
    expected: options.expected ?? run.pushedSha,
    runId: run.adwId,
    credentials: parts.git.credentialsFor(run.repository, "push"),
    signal: lease.lost,
  });
  switch (pushed.kind) {
    case "pushed":
    case "adopted":
      reach("runner.pushed-not-recorded");
      await log.add(
        "INFO",
        `${pushed.kind} ${sha.slice(0, 12)} on ${run.branch} (${diffSize.files} files, +${diffSize.insertions} −${diffSize.deletions})`,
      );
      return { result, pushedSha: sha };
    case "rejected":
      return {
        result: {
          outcome: "failed",
          failureClass: "policy",
          message: `GitHub refused the push to ${run.branch}: ${pushed.message}`,
          summary: succeeded.summary,
          usage: succeeded.usage,
        },
      };
    case "conflict":
      return {
        result: {
          outcome: "failed",
          failureClass: "conflict",
          message: `Somebody else's commit ${pushed.remoteSha?.slice(0, 12) ?? ""} is on ${run.branch}; it was left as it is. Merge or move it, then retry the phase.`,
          summary: succeeded.summary,
          usage: succeeded.usage,
        },
      };
  }
}
