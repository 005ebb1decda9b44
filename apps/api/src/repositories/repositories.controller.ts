import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { GitHub } from "@pullwright/github";
import type { Stores } from "@pullwright/persistence";
import { GITHUB, STORES } from "../api-parts.js";
import { sees, type Caller } from "../auth/caller.js";
import { ApiProblem, notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { registerRepository } from "./register-repository.js";
import { repositoryShape } from "./repository-shape.js";

/** The repositories that Pullwright serves. */
@Controller()
export class RepositoriesController {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(GITHUB) private readonly github: GitHub,
  ) {}

  @Handles(endpoints.listRepositories)
  async list(
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listRepositories>> {
    const all = await this.stores.repositories.list();
    const visible = all.filter(({ id }) => sees(caller, id));
    return { items: visible.map(repositoryShape), total: visible.length };
  }

  @Handles(endpoints.registerRepository)
  async register(
    @Input() { body }: InputOf<typeof endpoints.registerRepository>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.registerRepository>> {
    if (caller.repositoryIds !== null) {
      throw new ApiProblem(
        "forbidden",
        "A key that is bound to repositories cannot add one.",
      );
    }
    return repositoryShape(
      await registerRepository(
        this.github,
        this.stores,
        body.repository,
        caller.by,
      ),
    );
  }

  @Handles(endpoints.changeRepository)
  async change(
    @Input() { params, body }: InputOf<typeof endpoints.changeRepository>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.changeRepository>> {
    const { owner, name } = params;
    const found = await this.stores.repositories.byName(owner, name);
    if (found === null || !sees(caller, found.id))
      throw notFound(`repository ${owner}/${name}`, found);
    const changed = await this.stores.repositories.change(
      found.id,
      {
        ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
        ...(body.policy === undefined ? {} : { policy: body.policy }),
      },
      caller.by,
    );
    if (changed === null) throw notFound(`repository ${owner}/${name}`);
    return repositoryShape(changed);
  }
}
