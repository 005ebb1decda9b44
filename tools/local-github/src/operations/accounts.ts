import { randomBytes } from "node:crypto";
import { USUAL_SCOPES } from "../auth/scopes.js";
import { fullName } from "../state/full-name.js";
import type { Permissions, Repository, Token, User } from "../state/model.js";
import type { World } from "../state/world.js";

export function addUser(
  world: World,
  input: {
    readonly login: string;
    readonly type?: User["type"];
    readonly name?: string;
  },
): User {
  const { login, type = "User", name = login } = input;
  if (world.users.has(login.toLowerCase()))
    throw new Error(`There is already a user ${login}.`);
  const id = world.nextId();
  const email = `${id}+${login}@users.noreply.local`;
  const user: User = { id, login, type, name, email, createdAt: world.now() };
  world.users.set(login.toLowerCase(), user);
  return user;
}

/** A classic token of a user, or, with `permissions`, a fine-grained one. */
export function createToken(
  world: World,
  input: {
    readonly user: User;
    readonly permissions?: Permissions;
    readonly scopes?: readonly string[];
    readonly repositories?: readonly Repository[];
    readonly expiresAt?: Date;
  },
): Token {
  const isFineGrained =
    input.permissions !== undefined || input.repositories !== undefined;
  const token: Token = {
    value: isFineGrained
      ? `github_pat_${randomBytes(24).toString("hex")}`
      : `ghp_${randomBytes(18).toString("hex")}`,
    user: input.user,
    permissions: isFineGrained ? (input.permissions ?? {}) : undefined,
    scopes: isFineGrained ? undefined : (input.scopes ?? USUAL_SCOPES),
    repositories:
      input.repositories &&
      new Set(
        input.repositories.map((repository) =>
          fullName(repository).toLowerCase(),
        ),
      ),
    expiresAt: input.expiresAt,
  };
  world.tokens.set(token.value, token);
  return token;
}
