import { listCommits, readCommit } from "../git/commits.js";
import { diffFiles } from "../git/diff.js";
import { mergeBase } from "../git/merge.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { ok } from "../http/reply.js";
import { commitShape, fileShape, statsShape } from "../shapes/commit-shape.js";
import { repositoryPage, repositoryUrl } from "../state/urls.js";
import { branchTip } from "../operations/pulls.js";
import { commitNamed, param, route } from "./define.js";

/** Branches, commits and comparisons. */
export const commitRoutes: readonly RepositoryRoute[] = [
  route("GET /branches", needs.readContents, async (exchange) => {
    const refs = [...(await exchange.repository.git.refs("refs/heads/"))];
    const url = repositoryUrl(exchange.world.urls, exchange.repository);
    return paginated(exchange, refs, ([ref, sha]) => ({
      name: ref.slice("refs/heads/".length),
      commit: { sha, url: `${url}/commits/${sha}` },
      protected: false,
    }));
  }),
  route("GET /branches/{branch}", needs.readContents, async (exchange) => {
    const name = param(exchange, "branch");
    const sha = (await branchTip(exchange.repository, name)) ?? noBranch();
    const url = `${repositoryUrl(exchange.world.urls, exchange.repository)}/branches/${name}`;
    const protection_url = `${url}/protection`;
    return ok({
      name,
      commit: commitShape(
        exchange.world,
        exchange.repository,
        await readCommit(exchange.repository.git, sha),
      ),
      _links: {
        self: url,
        html: `${repositoryPage(exchange.world.urls, exchange.repository)}/tree/${name}`,
      },
      protected: false,
      protection: {
        enabled: false,
        required_status_checks: {
          enforcement_level: "off",
          contexts: [],
          checks: [],
        },
      },
      protection_url,
    });
  }),
  route("GET /commits", needs.readContents, async (exchange) => {
    const { repository, query, world } = exchange;
    const sha = await commitNamed(
      exchange,
      query.get("sha") ?? repository.defaultBranch,
    );
    return paginated(
      exchange,
      await listCommits(repository.git, sha),
      (commit) => commitShape(world, repository, commit),
    );
  }),
  route("GET /commits/{ref}", needs.readContents, async (exchange) => {
    const { repository, world } = exchange;
    const ref = param(exchange, "ref");
    const sha = await repository.git.resolve(ref);
    if (sha === undefined)
      throw new HttpError(422, `No commit found for SHA: ${ref}`);
    const commit = await readCommit(repository.git, sha);
    const parent = commit.parents[0] ?? (await emptyTree(exchange));
    const files = await diffFiles(repository.git, parent, sha);
    return ok({
      ...commitShape(world, repository, commit),
      stats: statsShape(files),
      files: files.map((file) => fileShape(world.urls, repository, sha, file)),
    });
  }),
  route("GET /compare/{basehead}", needs.readContents, compare),
];

async function compare(exchange: RepositoryExchange) {
  const { repository, world } = exchange;
  const [base = "", head = ""] = param(exchange, "basehead").split("...");
  const strip = (name: string) => name.replace(/^[^:]*:/, "");
  const [from, to] = [
    await commitNamed(exchange, strip(base)),
    await commitNamed(exchange, strip(head)),
  ];
  const fork =
    (await mergeBase(repository.git, from, to)) ?? noSuch("common ancestor");
  const commits = await listCommits(
    repository.git,
    `${from}..${to}`,
    "--reverse",
  );
  const behind = Number(
    await repository.git.text("rev-list", "--count", `${to}..${from}`),
  );
  const files = await diffFiles(repository.git, fork, to);
  const url = `${repositoryUrl(world.urls, repository)}/compare/${base}...${head}`;
  const page = `${repositoryPage(world.urls, repository)}/compare/${base}...${head}`;
  const show = async (sha: string) =>
    commitShape(world, repository, await readCommit(repository.git, sha));
  return ok({
    url,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: await show(from),
    merge_base_commit: await show(fork),
    status:
      from === to
        ? "identical"
        : behind === 0
          ? "ahead"
          : commits.length === 0
            ? "behind"
            : "diverged",
    ahead_by: commits.length,
    behind_by: behind,
    total_commits: commits.length,
    commits: commits.map((commit) => commitShape(world, repository, commit)),
    files: files.map((file) => fileShape(world.urls, repository, to, file)),
  });
}

const emptyTree = ({ repository }: RepositoryExchange) =>
  repository.git.text("hash-object", "-t", "tree", "/dev/null");

function noBranch(): never {
  throw new HttpError(404, "Branch not found");
}
