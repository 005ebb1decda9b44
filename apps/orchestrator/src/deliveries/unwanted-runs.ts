import type { LoadedRun, Repository, Stores } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { policyOf } from "../policy.js";
import {
  ignored,
  leftToNewer,
  toldBy,
  type Handled,
  type News,
  type NotYet,
} from "./handled.js";

/** Cancels runs that nobody waits for any more, unless the repository's policy keeps them. */
export class UnwantedRuns {
  constructor(
    private readonly stores: Pick<Stores, "transitions">,
    private readonly announce: Announce,
    /** This process, for the audit; people are told the reason alone. */
    private readonly owner: string,
  ) {}

  /** @param reason One sentence for people. */
  async cancel(
    run: LoadedRun,
    repository: Repository,
    reason: string,
    news: News | undefined,
  ): Promise<Handled | NotYet> {
    if (!policyOf(repository).cancelOnClose)
      return ignored("the policy keeps runs of closed issues");
    const answer = await this.stores.transitions.apply(run.id, {
      event: { type: "cancel_requested", by: null, reason },
      by: { actor: this.owner, trigger: toldBy(news) },
    });
    if (answer.kind === "refused" && answer.reason === "newer_version")
      return leftToNewer(answer.message);
    if (answer.kind !== "applied")
      return ignored(
        answer.kind === "refused" ? answer.message : "the run is gone",
      );
    reach("orchestrator.unwanted-cancelled-not-rung");
    await this.announce(answer);
    return {
      verdict: "moved",
      reason: `cancel of run ${run.adwId}`,
      runId: run.id,
    };
  }
}
