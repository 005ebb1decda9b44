import { addUser, createToken } from "../operations/accounts.js";
import { userShape } from "../shapes/user-shape.js";
import type { Permissions, User } from "../state/model.js";
import type { World } from "../state/world.js";

/** Users and their tokens. */
export const people = (world: World) => ({
  addUser(input: {
    readonly login: string;
    readonly type?: User["type"];
    readonly name?: string;
  }) {
    return userShape(world.urls, addUser(world, input));
  },

  /**
   * A classic token, which may do what its user may as far as its `scopes` reach (unset: `repo, workflow`); `permissions`
   * or `repositories` make it a fine-grained one.
   */
  createToken(input: {
    readonly user: string;
    readonly permissions?: Permissions;
    readonly scopes?: readonly string[];
    readonly repositories?: readonly string[];
    readonly expiresAt?: Date;
  }): string {
    const { repositories, user, ...rest } = input;
    const named = repositories
      ? { repositories: repositories.map((name) => world.repository(name)) }
      : {};
    return createToken(world, { ...rest, ...named, user: world.user(user) })
      .value;
  },

  revokeToken(value: string): void {
    world.tokens.delete(value);
  },
});
