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
import { askGitHub } from "./ask-github.js";
import { choose } from "./choose-repository.js";
import {
  keyedRequest,
  runOfEarlier,
  type KeyedRequest,
  type Origin,
} from "./keyed-request.js";

/** Turns an accepted request into one recorded run, and answers before any agent starts. */
@Injectable()
export class TriggerRun {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(GITHUB) private readonly github: GitHub,
    @Inject(ANNOUNCE) private readonly announce: Runtime["announce"],
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A repeat is answered with its run before anything else is looked at: what has changed since is nothing to it. */
  async trigger(body: TriggerBody, origin: Origin): Promise<LoadedRun> {
    const request = keyedRequest(origin, "", body);
    return (
      (await runOfEarlier(this.stores, request)) ??
      (await this.#start(body, origin.caller, request))
    );
  }

  async #start(
    body: TriggerBody,
    caller: Caller,
    request: KeyedRequest | null,
  ): Promise<LoadedRun> {
    const workflow = workflowOf(body.workflow);
    demandAgent(body.agent, this.config);
    const repository = choose(
      await this.stores.repositories.list(),
      body.repository,
      caller,
    );
    const maxUsd = this.#budgetOf(body.budget_usd, repository);
    const { snapshot, baseBranch, blockedBy } = await askGitHub(
      this.github,
      repository,
      body,
    );
    const answer = await this.stores.creation.create({
      repository,
      baseBranch,
      workflow,
      limits: {
        maxActiveMs: this.config.runner.maxRunMs,
        maxUsd,
        maxFixRounds: this.config.runner.maxBuildRounds,
      },
      issueNumber: body.issue_number ?? null,
      snapshot,
      ...(request ?? { cause: `api:${caller.keyId}:${randomUUID()}` }),
      triggeredBy: caller.actor,
      triggerSource: "api",
      trigger: caller.trigger,
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
    return this.#settle(answer, body, request);
  }

  async #settle(
    answer: CreateRunAnswer,
    body: TriggerBody,
    request: KeyedRequest | null,
  ): Promise<LoadedRun> {
    switch (answer.kind) {
      case "created":
        reach("api.run-created-not-rung");
        void this.announce(answer); // Nobody waits for it: what is not heard, the reconciler finds.
        reach("api.run-created-not-answered");
        return answer.run;
      case "cause_known":
      case "cause_spent": {
        // The same key came twice at once.
        const run = await runOfEarlier(this.stores, request);
        if (run === null) throw new Error("a cause that counts is not found");
        return run;
      }
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
