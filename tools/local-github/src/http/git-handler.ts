import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "../auth/authenticate.js";
import { mayPull, mayPush } from "../auth/authorize.js";
import { viewerName, type Viewer } from "../auth/viewer.js";
import { serveGit } from "../git/http-backend.js";
import { WORKFLOWS_FORBIDDEN } from "../git/workflow-guard.js";
import { changingRefs } from "../operations/ref-changes.js";
import type { Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { HttpError } from "./http-error.js";
import type { JournalEntry } from "./journal.js";

/** A request of git's smart HTTP protocol, recognised by its path. */
interface GitRequest {
  readonly fullName: string;
  readonly pathInfo: string;
  readonly isPush: boolean;
}

export function gitRequestOf(url: URL): GitRequest | undefined {
  const found =
    /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(
      url.pathname,
    );
  if (found === null) return undefined;
  const [, owner = "", name = "", pathInfo = ""] = found;
  const isPush =
    pathInfo === "/git-receive-pack" ||
    url.searchParams.get("service") === "git-receive-pack";
  return { fullName: `${owner}/${name}`, pathInfo, isPush };
}

/**
 * Answers a clone, fetch or push. A push is answered only when all that follows from it is done, so that who pushed
 * finds the pull request's head moved. With `cut`, everything happens and the connection is closed instead.
 */
export async function answerGit(
  world: World,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  entry: JournalEntry,
  cut: boolean,
): Promise<void> {
  let viewer: Viewer;
  let repository: Repository;
  try {
    viewer = authenticate(world, request.headers.authorization);
    entry.actor = viewerName(viewer);
    repository = allowed(world, git, viewer);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    request.resume();
    entry.status = error.status;
    response.writeHead(error.status, {
      "content-type": "text/plain; charset=utf-8",
      ...error.extra.headers,
    });
    response.end(`${error.message}\n`);
    return;
  }

  const serve = () =>
    serveGit(
      repository.git.path,
      {
        pathInfo: git.pathInfo,
        query: url.search.slice(1),
        user: viewerName(viewer),
        env: mayChangeWorkflows(viewer) ? {} : { [WORKFLOWS_FORBIDDEN]: "1" },
      },
      request,
    );
  if (git.pathInfo !== "/git-receive-pack" || viewer.kind !== "token") {
    const answer = await serve();
    entry.status = answer.status;
    if (cut) {
      answer.body.resume();
      response.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    answer.body.pipe(response);
    return;
  }
  const { result, changes } = await changingRefs(
    world,
    repository,
    viewer.actor,
    async () => {
      const answer = await serve();
      const chunks: Buffer[] = [];
      for await (const chunk of answer.body) chunks.push(Buffer.from(chunk));
      return { ...answer, bytes: Buffer.concat(chunks) };
    },
  );
  entry.status = result.status;
  entry.body = changes;
  if (cut) {
    response.destroy();
    return;
  }
  response.writeHead(result.status, result.headers);
  response.end(result.bytes);
}

function allowed(world: World, git: GitRequest, viewer: Viewer): Repository {
  const repository = world.repositories.get(git.fullName.toLowerCase());
  const isSeen = repository !== undefined && mayPull(viewer, repository);
  if (viewer.kind === "anonymous" && (!isSeen || git.isPush)) {
    throw new HttpError(401, "Authentication required", {
      headers: { "www-authenticate": 'Basic realm="GitHub"' },
    });
  }
  if (!isSeen) throw new HttpError(404, "Repository not found.");
  if (git.isPush && !mayPush(viewer, repository)) {
    throw new HttpError(
      403,
      `Permission to ${git.fullName}.git denied to ${viewerName(viewer) ?? "nobody"}.`,
    );
  }
  return repository;
}

/** Classic tokens here have the `workflow` scope; the others need the permission. */
function mayChangeWorkflows(viewer: Viewer): boolean {
  if (viewer.kind !== "token") return false;
  return (
    viewer.token.permissions === undefined ||
    viewer.token.permissions["workflows"] === "write"
  );
}
