import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import type { TriggerBody } from "@pullwright/contracts";
import {
  DEFAULT_PRIORITY,
  priorityOfLabels,
  chooseRoute,
  findShippedWorkflow,
  runLimitUsd,
  shippedWorkflows,
  type WorkflowDefinition,
} from "@pullwright/domain";
import type { GitHub } from "@pullwright/github";
import type {
  CreateRunAnswer,
  LoadedRun,
  Repository,
  Stores,
} from "@pullwright/persistence";
import { reach, type Config } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import { ANNOUNCE, CONFIG, GITHUB, STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { agentsOf, demandAgent } from "../choices/agents.js";
import { ApiProblem, invalidRequest } from "../http/api-problem.js";
import { choose } from "./choose-repository.js";
import { readIssue, textSnapshot } from "./issue-snapshot.js";

/** Turns an accepted request into one recorded run, and answers before any agent starts. */
@Injectable()
export class TriggerRun {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(GITHUB) private readonly github: GitHub,
    @Inject(ANNOUNCE) private readonly announce: Runtime["announce"],
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async trigger(
    body: TriggerBody,
    caller: Caller,
    idempotencyKey: string | undefined,
  ): Promise<LoadedRun> {
    const workflow = workflowOf(body.workflow);
    demandAgent(body.agent, this.config);
    const repository = choose(
      await this.stores.repositories.list(),
      body.repository,
      caller,
    );
    const maxUsd = this.#budgetOf(body.budget_usd, repository);
    const [snapshot, { defaultBranch }, blockedBy] = await Promise.all([
      body.issue_number === undefined
        ? textSnapshot(body.text ?? "")
        : readIssue(this.github, repository, body.issue_number),
      this.github.repositories.get(repository),
      body.issue_number === undefined
        ? []
        : this.github.issues.openBlockers(repository, body.issue_number),
    ]);
    const answer = await this.stores.creation.create({
      repository,
      baseBranch: defaultBranch,
      workflow,
      limits: {
        maxActiveMs: this.config.runner.maxRunMs,
        maxUsd,
        maxFixRounds: this.config.runner.maxBuildRounds,
      },
      issueNumber: body.issue_number ?? null,
      snapshot,
      cause: `api:${caller.keyId}:${idempotencyKey ?? randomUUID()}`,
      triggeredBy: caller.actor,
      triggerSource: "api",
      agent: body.agent ?? null,
      model: body.model ?? null,
      agentRoute: chooseRoute(repository.policy["agent_route"], {
        agents: agentsOf(this.config).map(({ name }) => name),
        route: this.config.agents.route,
      }),
      priority:
        body.priority ?? priorityOfLabels(snapshot.labels) ?? DEFAULT_PRIORITY,
      blockedBy,
    });
    return this.#settle(answer, body);
  }

  #settle(answer: CreateRunAnswer, body: TriggerBody): LoadedRun {
    switch (answer.kind) {
      case "created":
        reach("api.run-created-not-rung");
        void this.announce(answer); // Nobody waits for it: what is not heard, the reconciler finds.
        reach("api.run-created-not-answered");
        return answer.run;
      case "cause_known": {
        const { run } = answer;
        const same =
          run.workflowName === body.workflow &&
          run.issueNumber === (body.issue_number ?? null);
        if (same) return run;
        throw new ApiProblem(
          "idempotency-key-reused",
          `This Idempotency-Key started ${run.adwId}, which is another request.`,
        );
      }
      case "cause_spent":
        throw new ApiProblem(
          "not-possible-now",
          "The run that this Idempotency-Key started was deleted.",
        );
      case "work_item_busy":
        throw new ApiProblem(
          "live-run-exists",
          `The run ${answer.run.adwId} works on this already.`,
          { adwId: answer.run.adwId },
        );
      case "no_earlier_run":
        throw new ApiProblem(
          "not-possible-now",
          `${body.workflow} goes on from an earlier run, and there is none that left a branch.`,
        );
    }
  }

  /** A caller may set a lower limit than the installation's and the repository's, never a higher one. */
  #budgetOf(wanted: number | undefined, { policy }: Repository): number | null {
    const installation = this.config.runner.maxRunUsd ?? null;
    const max = runLimitUsd(policy, installation);
    if (wanted !== undefined && max !== null && wanted > max) {
      const whose = max === installation ? "installation" : "repository";
      const message = `must be at most ${max.toString()}, the ${whose}'s limit`;
      throw invalidRequest([{ field: "budget_usd", message }]);
    }
    return wanted ?? max;
  }
}

function workflowOf(name: string): WorkflowDefinition {
  const workflow = findShippedWorkflow(name);
  if (workflow) return workflow;
  const names = shippedWorkflows.map((shipped) => shipped.name).join(", ");
  throw invalidRequest([
    { field: "workflow", message: `must be one of ${names}` },
  ]);
}
