import { Controller, Header, Inject } from "@nestjs/common";
import { endpoints, type AnswerOf, type InputOf } from "@pullwright/contracts";
import { generateApiKey, type Stores } from "@pullwright/persistence";
import { STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { isOurKeyName } from "../auth/first-admin-key.js";
import { ApiProblem, invalidRequest, notFound } from "../http/api-problem.js";
import { By, Handles, Input } from "../http/endpoint.decorators.js";
import { boundRepositories } from "./bound-repositories.js";
import { keyShape } from "./key-shape.js";

/** The keys of the API: who may make, see and revoke them. */
@Controller()
export class KeysController {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  @Handles(endpoints.listKeys)
  async list(
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.listKeys>> {
    mustAdministerAll(caller);
    const registered = await this.stores.repositories.listAll();
    const keys = await this.stores.apiKeys.list();
    const items = keys.map((key) => keyShape(key, registered));
    return { items, total: items.length };
  }

  @Handles(endpoints.createKey)
  @Header("cache-control", "no-store")
  async create(
    @Input() { body }: InputOf<typeof endpoints.createKey>,
    @By() caller: Caller,
  ): Promise<AnswerOf<typeof endpoints.createKey>> {
    mustAdministerAll(caller);
    const { name, scopes, repositories, expires_at } = body;
    if (isOurKeyName(name))
      throw invalidRequest([
        { field: "name", message: "is that of a key which we make ourselves" },
      ]);
    const registered = await this.stores.repositories.list();
    const key = generateApiKey();
    const stored = await this.stores.apiKeys.store(
      {
        key,
        name,
        scopes,
        ...(repositories === undefined
          ? {}
          : { repositoryIds: boundRepositories(registered, repositories) }),
        ...(expires_at === undefined
          ? {}
          : { expiresAt: new Date(expires_at) }),
      },
      caller.by,
    );
    return { ...keyShape(stored, registered), key };
  }

  @Handles(endpoints.revokeKey)
  async revoke(
    @Input() { params }: InputOf<typeof endpoints.revokeKey>,
    @By() caller: Caller,
  ): Promise<void> {
    mustAdministerAll(caller);
    switch (await this.stores.apiKeys.revoke(params.id, caller.by)) {
      case "revoked":
      case "already":
        return;
      case "unknown":
        throw notFound(`key ${params.id}`);
      case "last":
        throw new ApiProblem(
          "last-admin-key",
          "No other key would administer everything: make one first.",
        );
    }
  }
}

/** A key may not give what it does not have; the least that keeps this so is that a bound one has no say here. */
function mustAdministerAll({ repositoryIds }: Caller): void {
  if (repositoryIds === null) return;
  throw new ApiProblem(
    "forbidden",
    "A key that is bound to repositories manages no keys.",
  );
}
