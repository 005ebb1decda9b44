import { createHash, randomUUID } from "node:crypto";
import { authenticate } from "../auth/authenticate.js";
import { undecodable } from "../auth/app-jwt.js";
import { requireNeed, requireVisible } from "../auth/authorize.js";
import { viewerName, type Viewer } from "../auth/viewer.js";
import type { World } from "../state/world.js";
import type { Exchange, Route } from "./exchange.js";
import { HttpError } from "./http-error.js";
import { viewerQuota, type Quotas } from "./rate-limit.js";
import type { Reply } from "./reply.js";
import { RequestBody } from "./request-body.js";
import type { PathTable } from "./path-table.js";

/** A REST request, read from the wire. */
interface RestRequest {
  readonly method: string;
  /** Below the API's root. */
  readonly path: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly text: string;
}

export interface RestAnswer extends Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly actor: string | null;
}

const DOCUMENTATION = "https://docs.github.com/rest";

/** Answers one REST request: authenticate, count, route, allow, handle. Errors come out as GitHub words them. */
export async function answerRest(
  world: World,
  quotas: Quotas,
  router: PathTable<Route>,
  request: RestRequest,
): Promise<RestAnswer> {
  const headers: Record<string, string> = {
    "x-github-media-type": "github.v3; format=json",
    "x-github-request-id": randomUUID().slice(0, 18).toUpperCase(),
  };
  let viewer: Viewer = { kind: "anonymous" };
  try {
    if (!request.userAgent) {
      throw new HttpError(
        403,
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
      );
    }
    viewer = authenticate(world, request.authorization);
    const isFree = request.path === "/rate_limit";
    const quota = viewerQuota(quotas, viewer, "core");
    const hadQuota = isFree || quota.take();
    Object.assign(headers, quota.headers(), scopesOf(viewer));
    if (!hadQuota)
      throw new HttpError(
        403,
        `API rate limit exceeded for ${viewerName(viewer) ?? "your address"}.`,
      );

    const match = router.find(request.method, request.path);
    if (match === undefined) throw new HttpError(404, "Not Found");
    const reply = await handle(
      {
        world,
        quotas,
        viewer,
        params: match.params,
        query: request.url.searchParams,
        body: RequestBody.parse(request.text),
        url: request.url,
      },
      match,
    );
    Object.assign(headers, reply.headers);

    if (request.method === "GET" && reply.status === 200) {
      headers["etag"] = etagOf(reply.body, request.authorization);
      headers["cache-control"] = "private, max-age=60, s-maxage=60";
      headers["vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP";
      if (matchesEtag(request.ifNoneMatch, headers["etag"])) {
        // "Not modified" is free for who is signed in.
        if (!isFree && viewer.kind !== "anonymous") quota.used -= 1;
        return {
          status: 304,
          body: null,
          headers: { ...headers, ...quota.headers() },
          actor: viewerName(viewer),
        };
      }
    }
    return { ...reply, headers, actor: viewerName(viewer) };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return {
      ...errorReply(error),
      headers: { ...headers, ...error.extra.headers },
      actor: viewerName(viewer),
    };
  }
}

export const errorReply = (error: HttpError): Reply => ({
  status: error.status,
  body: {
    message: error.message,
    ...(error.extra.errors ? { errors: error.extra.errors } : {}),
    documentation_url: DOCUMENTATION,
    status: String(error.status),
  },
});

type RouteFound = NonNullable<ReturnType<PathTable<Route>["find"]>>;

async function handle(
  exchange: Exchange,
  { value: route, params }: RouteFound,
): Promise<Reply> {
  const { viewer, world } = exchange;
  switch (route.kind) {
    case "open":
      return route.handle(exchange);
    case "signed_in":
      if (viewer.kind === "anonymous")
        throw new HttpError(401, "Requires authentication");
      return route.handle(exchange);
    case "app":
      if (viewer.kind !== "app") throw undecodable();
      return route.handle(exchange);
    case "installation":
      if (viewer.kind !== "token" || !viewer.token.installation) {
        throw new HttpError(
          403,
          "You must authenticate with an installation access token in order to list repositories for an installation.",
        );
      }
      return route.handle(exchange);
    case "repository": {
      const repository = world.repository(
        `${params["owner"] ?? ""}/${params["repo"] ?? ""}`,
      );
      requireVisible(viewer, repository);
      const actor = requireNeed(viewer, repository, route.need);
      return route.handle({ ...exchange, repository, actor });
    }
  }
}

function scopesOf(viewer: Viewer): Record<string, string> {
  const scopes = viewer.kind === "token" ? viewer.token.scopes : undefined;
  return scopes === undefined
    ? {}
    : { "x-oauth-scopes": scopes.join(", "), "x-accepted-oauth-scopes": "" };
}

/** GitHub's ETags cover what they vary by: another token has another ETag for the same page. */
function etagOf(body: unknown, authorization: string | undefined): string {
  const hash = createHash("sha256")
    .update(authorization ?? "")
    .update(JSON.stringify(body))
    .digest("hex");
  return `W/"${hash}"`;
}

const matchesEtag = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch
    ?.split(",")
    .some(
      (candidate) =>
        candidate.trim().replace(/^W\//, "") === etag.replace(/^W\//, ""),
    ) ?? false;
