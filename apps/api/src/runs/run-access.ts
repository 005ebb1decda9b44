import { Inject, Injectable } from "@nestjs/common";
import { isAdwId } from "@pullwright/domain";
import type { LoadedRun, Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import { sees, type Caller } from "../auth/caller.js";
import { notFound } from "../http/api-problem.js";

/** For a text that can name no run. It is not repeated: it may be anything. */
const NO_ID =
  "such run: a run's id has eight letters and digits, such as k7m2x9qd, and none of 0, 1, i, l and o";

/** The one door to runs: nobody gets one of a repository that their key is not bound to. */
@Injectable()
export class RunAccess {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  /** The run, or the problem that there is none: foreign ones look the same as unknown ones. */
  async find(adwId: string, caller: Caller): Promise<LoadedRun> {
    if (!isAdwId(adwId)) throw notFound(NO_ID);
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
