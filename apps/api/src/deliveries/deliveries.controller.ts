import { Controller, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import { sees, type Caller } from "../auth/caller.js";
import { notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import {
  decodeDeliveryCursor,
  encodeDeliveryCursor,
} from "./delivery-cursor.js";
import { deliveryShape } from "./delivery-shape.js";

/** What came in from GitHub, and why it did what it did. */
@Controller()
export class DeliveriesController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  @Handles(endpoints.listDeliveries)
  async list(
    @Input() { query }: InputOf<typeof endpoints.listDeliveries>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listDeliveries>> {
    const { limit, cursor, repository, verdict } = query;
    const repositoryIds = await this.visible(caller, repository);
    const items = await this.stores.deliveryQueries.list({
      limit,
      ...(cursor === undefined ? {} : { after: decodeDeliveryCursor(cursor) }),
      ...(verdict === undefined ? {} : { verdict }),
      ...(repositoryIds === undefined ? {} : { repositoryIds }),
    });
    const last = items.at(-1);
    return {
      items: items.map(deliveryShape),
      page_size: limit,
      next_cursor:
        last === undefined || items.length < limit
          ? null
          : encodeDeliveryCursor(last),
    };
  }

  @Handles(endpoints.getDelivery)
  async get(
    @Input() { params }: InputOf<typeof endpoints.getDelivery>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.getDelivery>> {
    const found = await this.stores.deliveryQueries.byId(params.id);
    const visible = await this.visible(caller, undefined);
    const isVisible =
      visible === undefined ||
      (found?.repositoryId != null && visible.includes(found.repositoryId));
    if (found === null) throw notFound(`delivery ${params.id}`);
    if (!isVisible)
      throw notFound(
        `delivery ${params.id}`,
        found.repositoryId === null
          ? null
          : await this.stores.repositories.byGithubId(found.repositoryId),
      );
    return {
      ...deliveryShape(found),
      // It may hold what only members of the repository may read.
      payload: caller.may("admin") ? found.payload : null,
    };
  }

  /** GitHub's ids of the repositories whose deliveries the caller may see; undefined: all, those of no repository too. */
  private async visible(
    caller: Caller,
    fullName: string | undefined,
  ): Promise<readonly number[] | undefined> {
    if (fullName === undefined && caller.repositoryIds === null)
      return undefined;
    const all = await this.stores.repositories.listAll();
    return all
      .filter(({ id }) => sees(caller, id))
      .filter(
        ({ owner, name }) =>
          fullName === undefined ||
          `${owner}/${name}`.toLowerCase() === fullName.toLowerCase(),
      )
      .map(({ githubId }) => githubId);
  }
}
