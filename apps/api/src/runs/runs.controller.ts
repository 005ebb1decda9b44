import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import type { Config } from "@pullwright/platform";
import { dispatchRules } from "@pullwright/runtime";
import { CONFIG, STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { listRuns } from "./list-runs.js";
import { RunAccess } from "./run-access.js";
import { runShape } from "./run-shape.js";
import { TriggerRun } from "./trigger-run.js";
import { agentsOfRun, queuedAgents, usedUp } from "./used-up.js";
import { why } from "./why.js";

/** Runs: start, list, look at. */
@Controller()
export class RunsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(CONFIG) private readonly config: Config,
    private readonly access: RunAccess,
    private readonly triggers: TriggerRun,
  ) {}

  @Handles(endpoints.triggerWorkflow)
  async trigger(
    @Input() { body, headers }: InputOf<typeof endpoints.triggerWorkflow>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.triggerWorkflow>> {
    const idempotencyKey = headers["idempotency-key"];
    const run = await this.triggers.trigger(body, { caller, idempotencyKey });
    return {
      adw_id: run.adwId,
      status: run.state.status,
      created_at: run.state.createdAt.toISOString(),
    };
  }

  @Handles(endpoints.listWorkflows)
  list(
    @Input() { query }: InputOf<typeof endpoints.listWorkflows>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listWorkflows>> {
    return listRuns(this.stores, query, caller);
  }

  @Handles(endpoints.getWorkflow)
  async get(
    @Input() { params }: InputOf<typeof endpoints.getWorkflow>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getWorkflow>> {
    const run = await this.access.find(params.adw_id, caller);
    const agents = agentsOfRun(run, this.config.agents.default);
    const [workItem, budgets] = await Promise.all([
      this.stores.runQueries.workItem(run.id),
      this.stores.budgets.ofRun(run, agents),
    ]);
    return runShape(run, workItem, budgets);
  }

  @Handles(endpoints.getWhy)
  async why(
    @Input() { params }: InputOf<typeof endpoints.getWhy>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getWhy>> {
    const run = await this.access.find(params.adw_id, caller);
    const agents = queuedAgents(run, this.config.agents.default);
    const [standing, breakers] = await Promise.all([
      this.stores.dispatch.standing(run.id, dispatchRules(this.config)),
      agents.length === 0 ? [] : this.stores.breakers.ofAgents(agents),
    ]);
    return why(run, standing, usedUp(agents, breakers, run.clock));
  }
}
