import { Inject, Injectable } from "@nestjs/common";
import type { LoadedRun, Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import { sees, type Caller } from "../auth/caller.js";
import { notFound } from "../http/api-problem.js";

/** The one door to runs: nobody gets one of a repository that their key is not bound to. */
@Injectable()
export class RunAccess {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  /** The run, or the problem that there is none: foreign ones look the same as unknown ones. */
  async find(adwId: string, caller: Caller): Promise<LoadedRun> {
    const run = await this.stores.runs.byAdwId(adwId);
    if (run === null || !sees(caller, run.repository.id))
      throw notFound(`run ${adwId}`, run?.repository);
    return run;
  }

  /** The run that a conversation belongs to. */
  async ofConversation(id: string, caller: Caller): Promise<LoadedRun> {
    const runId = await this.stores.runQueries.runOfAttempt(id);
    const run = runId === null ? null : await this.stores.runs.byId(runId);
    if (run === null || !sees(caller, run.repository.id))
      throw notFound(`conversation ${id}`, run?.repository);
    return run;
  }
}
