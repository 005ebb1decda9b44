import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import {
  compareExecutions,
  compareRuns,
  type ComparedRun,
} from "./comparison.js";
import { executionShape, phaseDetailShape } from "./execution-shape.js";
import { RunAccess } from "./run-access.js";

/** The executions of a run and their phases. */
@Controller()
export class ExecutionsController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    private readonly access: RunAccess,
  ) {}

  @Handles(endpoints.getPhases)
  async phases(
    @Input() { params }: InputOf<typeof endpoints.getPhases>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getPhases>> {
    const run = await this.access.find(params.adw_id, caller);
    const phases = await this.stores.runQueries.phases(run.id, null);
    return { items: phases.map(phaseDetailShape), total: phases.length };
  }

  @Handles(endpoints.listExecutions)
  async list(
    @Input() { params }: InputOf<typeof endpoints.listExecutions>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listExecutions>> {
    const run = await this.access.find(params.adw_id, caller);
    const executions = await this.stores.runQueries.executions(run.id);
    return {
      items: executions.map(executionShape),
      total: executions.length,
    };
  }

  @Handles(endpoints.getExecution)
  async get(
    @Input() { params }: InputOf<typeof endpoints.getExecution>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getExecution>> {
    const run = await this.access.find(params.adw_id, caller);
    const [view, phases] = await this.#load(run.id, params.n);
    return { ...executionShape(view), phases: phases.map(phaseDetailShape) };
  }

  @Handles(endpoints.compareExecutions)
  async compare(
    @Input() { params }: InputOf<typeof endpoints.compareExecutions>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.compareExecutions>> {
    const run = await this.access.find(params.adw_id, caller);
    return compareExecutions(
      await this.#load(run.id, params.a),
      await this.#load(run.id, params.b),
    );
  }

  @Handles(endpoints.compareWorkflows)
  async compareRuns(
    @Input() { params, query }: InputOf<typeof endpoints.compareWorkflows>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.compareWorkflows>> {
    return compareRuns(
      await this.#loadRun(params.adw_id, caller),
      await this.#loadRun(query.with, caller),
    );
  }

  async #loadRun(adwId: string, caller: Caller): Promise<ComparedRun> {
    const run = await this.access.find(adwId, caller);
    const { runQueries } = this.stores;
    const [executions, phases] = await Promise.all([
      runQueries.executions(run.id),
      runQueries.phases(run.id, run.state.execution),
    ]);
    return { run, executions, phases };
  }

  async #load(runId: string, number: number) {
    const executions = await this.stores.runQueries.executions(runId);
    const view = executions.find((execution) => execution.number === number);
    if (view === undefined) throw notFound(`execution ${number.toString()}`);
    const phases = await this.stores.runQueries.phases(runId, number);
    return [view, phases] as const;
  }
}
