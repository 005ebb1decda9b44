import { z } from "zod";
import type { RepositoryName } from "../repository-name.js";
import { at, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";

/** A mark on a commit; any token with write permission may set it. */
export interface CommitStatus {
  readonly state: "pending" | "success" | "failure" | "error";
  /** Tells our marks apart from others'; the latest of a context counts. */
  readonly context: string;
  readonly description: string;
  readonly targetUrl?: string;
}

/** A richer mark; GitHub takes it from Apps only. */
export interface CheckRun {
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  /** Required when completed. */
  readonly conclusion?:
    | "success"
    | "failure"
    | "neutral"
    | "cancelled"
    | "timed_out"
    | "action_required"
    | "skipped";
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly text?: string;
  readonly detailsUrl?: string;
  /** Our own id of what it reports on. */
  readonly externalId?: string;
}

const MAX_DESCRIPTION_LENGTH = 140;
const MAX_TEXT_LENGTH = 65_535;
const idBody = z.object({ id: z.int() });
const runsBody = z.object({
  check_runs: z.array(
    z.object({
      id: z.int(),
      external_id: z.string().nullish(),
      conclusion: z.string().nullish(),
    }),
  ),
});

/** Requests about what is reported on commits. */
export function checkClient(door: Door) {
  return {
    setStatus: async (
      repository: RepositoryName,
      sha: string,
      status: CommitStatus,
    ): Promise<void> => {
      const answer = await door.rest.repos.createCommitStatus({
        ...at(repository),
        sha,
        state: status.state,
        context: status.context,
        description: status.description.slice(0, MAX_DESCRIPTION_LENGTH),
        ...(status.targetUrl === undefined
          ? {}
          : { target_url: status.targetUrl }),
      });
      read(answer, z.object({})); // Told back; nothing of it is needed.
    },

    /** The newest of a name on a commit that reports on what `externalId` names: one whose creation's answer got lost is found here. */
    findRun: async (
      repository: RepositoryName,
      sha: string,
      {
        name,
        externalId,
      }: { readonly name: string; readonly externalId: string },
    ): Promise<
      { readonly id: number; readonly conclusion: string | null } | undefined
    > => {
      const answer = await door.rest.checks.listForRef({
        ...at(repository),
        ref: sha,
        check_name: name,
        filter: "latest",
      });
      const found = read(answer, runsBody).check_runs.find(
        ({ external_id }) => external_id === externalId,
      );
      return found && { id: found.id, conclusion: found.conclusion ?? null };
    },

    createRun: async (
      repository: RepositoryName,
      sha: string,
      run: CheckRun,
    ): Promise<{ readonly id: number }> =>
      read(
        await door.rest.checks.create({
          ...at(repository),
          head_sha: sha,
          ...bodyOf(run),
        }),
        idBody,
      ),

    updateRun: async (
      repository: RepositoryName,
      id: number,
      run: CheckRun,
    ): Promise<void> => {
      const answer = await door.rest.checks.update({
        ...at(repository),
        check_run_id: id,
        ...bodyOf(run),
      });
      read(answer, idBody);
    },
  };
}

function bodyOf(run: CheckRun) {
  return {
    name: run.name,
    // GitHub completes a run by its conclusion; the two types of Octokit want it said in this shape.
    ...(run.conclusion === undefined
      ? { status: run.status as "queued" | "in_progress" }
      : { status: "completed" as const, conclusion: run.conclusion }),
    ...(run.detailsUrl === undefined ? {} : { details_url: run.detailsUrl }),
    ...(run.externalId === undefined ? {} : { external_id: run.externalId }),
    output: {
      title: run.title,
      summary: run.summary.slice(0, MAX_TEXT_LENGTH),
      ...(run.text === undefined
        ? {}
        : { text: run.text.slice(0, MAX_TEXT_LENGTH) }),
    },
  };
}
