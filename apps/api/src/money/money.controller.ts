import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import { sees, type Caller } from "../auth/caller.js";
import { ApiProblem, notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { budgetShape } from "./budget-shape.js";

/** What runs cost, and what they may cost together. */
@Controller()
export class MoneyController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  @Handles(endpoints.getCosts)
  async costs(
    @Input() { query }: InputOf<typeof endpoints.getCosts>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getCosts>> {
    const { group_by, from = null, to = null, repository, limit } = query;
    const sums = await this.stores.ledger.sums({
      groupBy: group_by,
      from,
      to,
      repositoryIds:
        repository === undefined
          ? caller.repositoryIds
          : [await this.#repositoryId(repository, caller)],
      limit,
    });
    const items = sums.map(({ key, tokens, attempts, running, ...sum }) => ({
      key,
      cost_usd: sum.costUsd,
      tokens,
      attempts,
      running,
      merged_at: sum.mergedAt?.toISOString() ?? null,
    }));
    return { group_by, items };
  }

  @Handles(endpoints.listBudgets)
  async list(
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listBudgets>> {
    const budgets = await this.stores.budgets.list(caller.repositoryIds);
    return { items: budgets.map(budgetShape), total: budgets.length };
  }

  @Handles(endpoints.putBudget)
  async put(
    @Input() { body }: InputOf<typeof endpoints.putBudget>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.putBudget>> {
    const { scope, key, repository, limit_usd, limit_tokens } = body;
    if (repository === null && caller.repositoryIds !== null)
      throw new ApiProblem(
        "forbidden",
        "A key that is bound to repositories sets budgets of these alone.",
      );
    const repositoryId =
      repository === null ? null : await this.#repositoryId(repository, caller);
    await this.stores.budgets.put(
      { scope, key, repositoryId },
      { usd: limit_usd, tokens: limit_tokens },
      caller.actor,
    );
    await this.stores.audit.record({
      by: caller.by,
      action: "budget.set",
      ...(repository === null || repositoryId === null
        ? {}
        : { repository: { id: repositoryId, fullName: repository } }),
      details: { scope, key, limit_usd, limit_tokens },
    });
    return this.list(caller);
  }

  /** Foreign repositories look the same as unknown ones. */
  async #repositoryId(fullName: string, caller: Caller): Promise<string> {
    const [owner = "", name = ""] = fullName.split("/");
    const found = await this.stores.repositories.byName(owner, name);
    if (found === null || !sees(caller, found.id))
      throw notFound(`repository ${fullName}`, found);
    return found.id;
  }
}
