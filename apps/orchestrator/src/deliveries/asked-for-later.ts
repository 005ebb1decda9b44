import type { LoadedRun, Stores } from "@pullwright/persistence";

/** GitHub's clock and Postgres's may differ by this much. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Whether a run was asked for only after something was said: however late we hear of it, another run was meant.
 *
 * By GitHub's own clock where the run was asked for there, since both may have come late; by the run's creation otherwise.
 */
export async function wasAskedForAfter(
  saidAt: string,
  { id }: Pick<LoadedRun, "id">,
  { runQueries }: Pick<Stores, "runQueries">,
): Promise<boolean> {
  const run = await runQueries.beginning(id);
  if (run === null) return false;
  const askedForMs =
    run.askedAt === null
      ? run.createdAt.getTime() - CLOCK_SLACK_MS
      : Date.parse(run.askedAt);
  return Date.parse(saidAt) < askedForMs;
}
