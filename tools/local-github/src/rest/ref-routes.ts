import { isAncestor } from "../git/merge.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { created, noContent, ok } from "../http/reply.js";
import { changingRefs } from "../operations/ref-changes.js";
import { nodeId } from "../shapes/node-id.js";
import { repositoryUrl } from "../state/urls.js";
import { param, route } from "./define.js";

/** Refs, as the git database of GitHub's API has them. */
export const refRoutes: readonly RepositoryRoute[] = [
  route("GET /git/ref/{ref}", needs.readContents, async (exchange) => {
    const ref = `refs/${param(exchange, "ref")}`;
    const sha =
      (await exchange.repository.git.refs(ref)).get(ref) ?? noSuch(ref);
    return ok(await refShape(exchange, ref, sha));
  }),
  route(
    "GET /git/matching-refs/{ref}",
    needs.readContents,
    async (exchange) => {
      const prefix = `refs/${param(exchange, "ref")}`;
      const refs = [...(await exchange.repository.git.refs("refs/"))].filter(
        ([ref]) => ref.startsWith(prefix),
      );
      return ok(
        await Promise.all(
          refs.map(([ref, sha]) => refShape(exchange, ref, sha)),
        ),
      );
    },
  ),
  route("POST /git/refs", needs.writeContents, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const ref = body.string("ref");
    const sha = body.string("sha");
    if (
      !/^refs\/[^/]+\/./.test(ref) ||
      (await repository.git.tryText("check-ref-format", ref)) === undefined
    ) {
      throw new HttpError(
        422,
        "Reference name must start with 'refs/' and contain at least two slashes.",
      );
    }
    await requireObject(exchange, sha);
    const { result } = await changingRefs(world, repository, actor, () =>
      repository.git.tryText("update-ref", ref, sha, "0".repeat(40)),
    );
    if (result === undefined)
      throw new HttpError(422, "Reference already exists");
    return created(await refShape(exchange, ref, sha));
  }),
  route("PATCH /git/refs/{ref}", needs.writeContents, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const ref = `refs/${param(exchange, "ref")}`;
    const sha = body.string("sha");
    const current = (await repository.git.refs(ref)).get(ref);
    if (current === undefined)
      throw new HttpError(422, "Reference does not exist");
    await requireObject(exchange, sha);
    const mayForce = body.boolean("force", false);
    if (!mayForce && !(await isAncestor(repository.git, current, sha)))
      throw new HttpError(422, "Update is not a fast forward");
    await changingRefs(world, repository, actor, () =>
      repository.git.text("update-ref", ref, sha),
    );
    return ok(await refShape(exchange, ref, sha));
  }),
  route("DELETE /git/refs/{ref}", needs.writeContents, async (exchange) => {
    const { world, repository, actor } = exchange;
    const ref = `refs/${param(exchange, "ref")}`;
    if (!(await repository.git.refs(ref)).has(ref))
      throw new HttpError(422, "Reference does not exist");
    await changingRefs(world, repository, actor, () =>
      repository.git.text("update-ref", "-d", ref),
    );
    return noContent();
  }),
];

async function requireObject(
  { repository }: RepositoryExchange,
  sha: string,
): Promise<void> {
  const isThere =
    /^[0-9a-f]{40}$/.test(sha) &&
    (await repository.git.tryText("cat-file", "-e", sha)) !== undefined;
  if (!isThere) throw new HttpError(422, "Object does not exist");
}

async function refShape(
  { world, repository }: RepositoryExchange,
  ref: string,
  sha: string,
) {
  const url = repositoryUrl(world.urls, repository);
  const type = await repository.git.text("cat-file", "-t", sha);
  return {
    ref,
    node_id: nodeId("ref", `${repository.id}:${ref}`),
    url: `${url}/git/${ref}`,
    object: { type, sha, url: `${url}/git/${type}s/${sha}` },
  };
}
