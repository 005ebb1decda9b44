import { authenticate } from "../auth/authenticate.js";
import { viewerName } from "../auth/viewer.js";
import { executeGraphql, type GraphqlRequest } from "../graphql/execute.js";
import type { World } from "../state/world.js";
import { HttpError } from "./http-error.js";
import { viewerQuota, type Quotas } from "./rate-limit.js";
import { RequestBody } from "./request-body.js";
import { errorReply, type RestAnswer } from "./rest-handler.js";

/** Answers one GraphQL request; it always needs a token. */
export async function answerGraphql(
  world: World,
  quotas: Quotas,
  authorization: string | undefined,
  text: string,
): Promise<RestAnswer> {
  const headers: Record<string, string> = {
    "x-github-media-type": "github.v4; format=json",
  };
  let actor: string | null = null;
  try {
    const viewer = authenticate(world, authorization);
    actor = viewerName(viewer);
    if (viewer.kind === "anonymous")
      throw new HttpError(
        401,
        "This endpoint requires you to be authenticated.",
      );
    if (viewer.kind === "app")
      throw new HttpError(401, "A JSON web token cannot be used here.");
    const quota = viewerQuota(quotas, viewer, "graphql");
    const hadQuota = quota.take();
    Object.assign(headers, quota.headers());
    if (!hadQuota) {
      // Unlike REST: 200, and the news is in the body.
      const errors = [
        {
          type: "RATE_LIMITED",
          message: `API rate limit exceeded for ${actor ?? ""}.`,
        },
      ];
      return { status: 200, body: { errors }, headers, actor };
    }
    const body = await executeGraphql(
      world,
      viewer,
      quota,
      requestOf(RequestBody.parse(text)),
    );
    return { status: 200, body, headers, actor };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { ...errorReply(error), headers, actor };
  }
}

function requestOf(body: RequestBody): GraphqlRequest {
  const query = body.optionalString("query");
  if (query === undefined)
    throw new HttpError(
      400,
      "A query attribute must be specified and must be a string.",
    );
  const variables = body.object("variables");
  const operationName = body.optionalString("operationName");
  return {
    query,
    ...(variables
      ? { variables: Object.fromEntries(variables.entries()) }
      : {}),
    ...(operationName === undefined ? {} : { operationName }),
  };
}
