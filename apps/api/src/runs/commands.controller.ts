import { Controller } from "@nestjs/common";
import { endpoints, type Commanded, type InputOf } from "@pullwright/contracts";
import type { Caller } from "../auth/caller.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { CommandRun } from "./command-run.js";
import { RunAccess } from "./run-access.js";

/** What people may do to a run. */
@Controller()
export class CommandsController {
  constructor(
    private readonly access: RunAccess,
    private readonly commands: CommandRun,
  ) {}

  @Handles(endpoints.retryWorkflow)
  async retry(
    @Input() input: InputOf<typeof endpoints.retryWorkflow>,
    @By() caller: Caller,
  ): Promise<Commanded> {
    const run = await this.access.find(input.params.adw_id, caller);
    return this.commands.retry(run, input.body, originOf(input, caller));
  }

  @Handles(endpoints.startExecution)
  startExecution(
    @Input() input: InputOf<typeof endpoints.retryWorkflow>,
    @By() caller: Caller,
  ): Promise<Commanded> {
    return this.retry(input, caller);
  }

  @Handles(endpoints.startExecutionByName)
  startExecutionByName(
    @Input() input: InputOf<typeof endpoints.retryWorkflow>,
    @By() caller: Caller,
  ): Promise<Commanded> {
    return this.retry(input, caller);
  }

  @Handles(endpoints.cancelWorkflow)
  async cancel(
    @Input() input: InputOf<typeof endpoints.cancelWorkflow>,
    @By() caller: Caller,
  ): Promise<Commanded> {
    const run = await this.access.find(input.params.adw_id, caller);
    const { reason } = input.body;
    return this.commands.cancel(run, reason, originOf(input, caller));
  }

  @Handles(endpoints.continueWorkflow)
  async continue(
    @Input() input: InputOf<typeof endpoints.continueWorkflow>,
    @By() caller: Caller,
  ): Promise<Commanded> {
    const run = await this.access.find(input.params.adw_id, caller);
    const addUsd = input.body.add_usd ?? 0;
    return this.commands.continue(run, addUsd, originOf(input, caller));
  }

  @Handles(endpoints.deleteWorkflow)
  async delete(
    @Input() { params }: InputOf<typeof endpoints.deleteWorkflow>,
    @By() caller: Caller,
  ): Promise<void> {
    const run = await this.access.find(params.adw_id, caller);
    await this.commands.delete(run, caller);
  }
}

const originOf = (
  { headers }: Pick<InputOf<typeof endpoints.retryWorkflow>, "headers">,
  caller: Caller,
) => ({ caller, idempotencyKey: headers["idempotency-key"] });
