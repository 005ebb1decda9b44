import { randomUUID } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import type { TriggerBody } from "@pullwright/contracts";
import {
  findShippedWorkflow,
  shippedWorkflows,
  type WorkflowDefinition,
} from "@pullwright/domain";
import { isGitHubError, type GitHub } from "@pullwright/github";
import type {
  CreateRunAnswer,
  IssueSnapshot,
  LoadedRun,
  Repository,
  Stores,
} from "@pullwright/persistence";
import type { Config } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import { ANNOUNCE, CONFIG, GITHUB, STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { demandAgent } from "../choices/agents.js";
import { ApiProblem, invalidRequest } from "../http/api-problem.js";
import { choose } from "./choose-repository.js";

const MAX_TITLE_LENGTH = 120;

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
    const maxUsd = this.#budgetOf(body.budget_usd);
    demandAgent(body.agent, this.config);
    const repository = choose(
      await this.stores.repositories.list(),
      body.repository,
      caller,
    );
    const snapshot = await this.#snapshot(repository, body);
    const answer = await this.stores.creation.create({
      repository,
      baseBranch: repository.defaultBranch,
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
    });
    return this.#settle(answer, body);
  }

  #settle(answer: CreateRunAnswer, body: TriggerBody): LoadedRun {
    switch (answer.kind) {
      case "created":
        void this.announce(answer); // Nobody waits for it: what is not heard, the reconciler finds.
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

  /** A caller may set a lower limit than the installation's, never a higher one. */
  #budgetOf(wanted: number | undefined): number | null {
    const max = this.config.runner.maxRunUsd ?? null;
    if (wanted !== undefined && max !== null && wanted > max) {
      const message = `must be at most ${max.toString()}, the installation's limit`;
      throw invalidRequest([{ field: "budget_usd", message }]);
    }
    return wanted ?? max;
  }

  async #snapshot(
    repository: Repository,
    { issue_number: number, text = "" }: TriggerBody,
  ): Promise<IssueSnapshot> {
    if (number === undefined) {
      const title = text.trimStart().split(/[\r\n]/, 1)[0] ?? "";
      return {
        title: title.slice(0, MAX_TITLE_LENGTH),
        body: text,
        labels: [],
        author: null,
        comments: [],
      };
    }
    const issue = await this.github.issues
      .get(repository, number)
      .catch((error: unknown) => {
        if (!isGitHubError(error, "not_found")) throw error;
        throw missing(repository, number);
      });
    if (issue.isPullRequest) {
      const message = "is a pull request, not an issue";
      throw invalidRequest([{ field: "issue_number", message }]);
    }
    return {
      title: issue.title,
      body: issue.body,
      labels: issue.labels,
      author: issue.author.login,
      comments: [],
    };
  }
}

function missing({ owner, name }: Repository, number: number): ApiProblem {
  const message = `there is no issue ${number.toString()} in ${owner}/${name}`;
  return new ApiProblem("not-found", message, {
    errors: [{ field: "issue_number", message }],
  });
}

function workflowOf(name: string): WorkflowDefinition {
  const workflow = findShippedWorkflow(name);
  if (workflow) return workflow;
  const names = shippedWorkflows.map((shipped) => shipped.name).join(", ");
  throw invalidRequest([
    { field: "workflow", message: `must be one of ${names}` },
  ]);
}
