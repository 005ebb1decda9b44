import type { GitHub } from "@pullwright/github";
import type { LoadedRun, Repository, Stores } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { toldBy, type Handled, type News } from "./handled.js";

/** Lets runs go on whose issue is no longer blocked by another one. */
export class Blockers {
  constructor(
    private readonly stores: Stores,
    private readonly github: GitHub,
    private readonly announce: Announce,
    /** This process, as the one who looked. */
    private readonly owner: string,
  ) {}

  /** An issue was closed: looks again at the runs that wait for it; null when none goes on. */
  async closed(
    { owner, name }: Repository,
    issueNumber: number,
    news: News,
  ): Promise<Handled | null> {
    const issue = `${owner}/${name}#${issueNumber.toString()}`;
    let freed: LoadedRun | null = null;
    for (const { runId } of await this.stores.reconciliation.blockedBy(issue)) {
      const run = await this.stores.runs.byId(runId);
      if (run !== null && (await this.look(run, news))) freed = run;
    }
    return freed === null
      ? null
      : {
          verdict: "moved",
          reason: `run ${freed.adwId} is no longer blocked`,
          runId: freed.id,
        };
  }

  /** Asks GitHub which blockers are still open; true when the run goes on. */
  async look(run: LoadedRun, news?: News): Promise<boolean> {
    const { id, issueNumber, repository, state } = run;
    if (state.waiting?.blockedBy === undefined || issueNumber === null)
      return false;
    const open = await this.github.issues.openBlockers(repository, issueNumber);
    // Not told: what blocked it when it was asked for is the newest that is known.
    if (open === null) return false;
    const answer = await this.stores.transitions.apply(id, {
      event: { type: "blockers_seen", open },
      by: { actor: this.owner, trigger: toldBy(news) },
    });
    if (answer.kind !== "applied") return false;
    reach("orchestrator.blockers-seen-not-rung");
    await this.announce(answer);
    return open.length === 0;
  }
}
