import { HttpError } from "../http/http-error.js";
import type { Token } from "../state/model.js";
import type { World } from "../state/world.js";
import { appOfJwt } from "./app-jwt.js";
import type { Viewer } from "./viewer.js";

/** Who a request comes from, by its `Authorization` header. Credentials that are sent but wrong are a 401. */
export function authenticate(
  world: World,
  authorization: string | undefined,
): Viewer {
  if (authorization === undefined) return { kind: "anonymous" };
  const [scheme = "", credentials = ""] = authorization.split(/\s+/, 2);
  switch (scheme.toLowerCase()) {
    case "basic":
      return ofToken(world, passwordOf(credentials));
    case "bearer":
      return credentials.split(".").length === 3
        ? { kind: "app", app: appOfJwt(world, credentials) }
        : ofToken(world, credentials);
    case "token":
      return ofToken(world, credentials);
    default:
      throw badCredentials();
  }
}

const badCredentials = (): HttpError => new HttpError(401, "Bad credentials");

function ofToken(world: World, value: string): Viewer {
  const token = world.tokens.get(value);
  if (token === undefined || isExpired(token)) throw badCredentials();
  return {
    kind: "token",
    token,
    actor: { user: token.user, app: token.installation?.app },
  };
}

const isExpired = (token: Token) =>
  token.expiresAt !== undefined && token.expiresAt.getTime() <= Date.now();

/** git sends `user:token`; GitHub looks at the password alone. */
function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}
