import { isGitHubError } from "@pullwright/github";
import type { Stores } from "@pullwright/persistence";
import type { Logger } from "@pullwright/platform";
import type { Blockers } from "../deliveries/blockers.js";
import type { IssueClosed } from "../deliveries/issue-closed.js";
import type { PullRequestClosed } from "../deliveries/pull-request-closed.js";

/** Two requests a run, or three where it is blocked: a page every ten minutes costs at most 900 of the 5,000 an hour. */
const PAGE = 50;
const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/** Finds, slowly, what no webhook and no poll has told: open runs whose pull request is merged or whose issue is closed or gone. */
export class OpenRunComparison {
  #after = BEFORE_ALL;

  constructor(
    private readonly stores: Stores,
    private readonly pullRequests: PullRequestClosed,
    private readonly closings: IssueClosed,
    private readonly blockers: Blockers,
    private readonly logger: Logger,
  ) {}

  async nextPage(signal: AbortSignal): Promise<void> {
    const page = await this.stores.reconciliation.openRuns(this.#after, PAGE);
    for (const { runId } of page) {
      if (signal.aborted) return;
      try {
        await this.#compare(runId);
      } catch (error) {
        // GitHub wants silence or is away: the same run comes first the next time.
        if (isGitHubError(error, "rate_limited")) return;
        if (isGitHubError(error, "unavailable")) return;
        this.logger.warn({ err: error, runId }, "a run could not be compared");
      }
      this.#after = runId;
    }
    if (page.length < PAGE) this.#after = BEFORE_ALL;
  }

  async #compare(runId: string): Promise<void> {
    const run = await this.stores.runs.byId(runId);
    const repository =
      run === null
        ? null
        : await this.stores.repositories.byId(run.repository.id);
    if (run === null || repository === null || !repository.enabled) return;
    for (const seen of [this.pullRequests, this.closings])
      if ((await seen.compare(run, repository)).verdict !== "ignored") return;
    await this.blockers.look(run);
  }
}
