import { createVerify } from "node:crypto";
import { HttpError } from "../http/http-error.js";
import type { App } from "../state/model.js";
import type { World } from "../state/world.js";

const MAX_LIFE_SECONDS = 10 * 60;
const CLOCK_SLACK_SECONDS = 60;

/** The App that signed a JSON web token, held to GitHub's rules: RS256, known issuer, at most ten minutes of life. */
export function appOfJwt(world: World, jwt: string): App {
  const [head = "", claims = "", signature = ""] = jwt.split(".");
  const { alg } = decode(head);
  if (alg !== "RS256") throw undecodable();

  const { iss, exp, iat } = decode(claims);
  const app = [...world.apps.values()].find(
    (candidate) =>
      String(candidate.id) === String(iss) || candidate.clientId === iss,
  );
  if (app === undefined) {
    throw new HttpError(404, "Integration not found");
  }
  const verified = createVerify("RSA-SHA256")
    .update(`${head}.${claims}`)
    .verify(app.publicKey, signature, "base64url");
  if (!verified) throw undecodable();

  const nowSeconds = Date.now() / 1_000;
  if (typeof exp !== "number" || exp <= nowSeconds) {
    throw new HttpError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > nowSeconds + MAX_LIFE_SECONDS + CLOCK_SLACK_SECONDS) {
    throw new HttpError(
      401,
      "'Expiration time' claim ('exp') is too far in the future",
    );
  }
  if (typeof iat !== "number" || iat > nowSeconds + CLOCK_SLACK_SECONDS) {
    throw new HttpError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  return app;
}

export const undecodable = (): HttpError =>
  new HttpError(401, "A JSON web token could not be decoded");

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(part, "base64url").toString("utf8"),
    );
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Falls through: not base64 or not JSON is the same refusal.
  }
  throw undecodable();
}
