import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { ok } from "../http/reply.js";
import { repositoryPage, repositoryUrl } from "../state/urls.js";
import { commitNamed, param, route } from "./define.js";

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size: number;
  readonly path: string;
}

/** Files and folders at a ref. */
export const contentRoutes: readonly RepositoryRoute[] = [
  route("GET /contents/{path}", needs.readContents, async (exchange) => {
    const ref = exchange.query.get("ref") ?? exchange.repository.defaultBranch;
    const commit = await commitNamed(exchange, ref);
    const path = param(exchange, "path").replace(/^\/+|\/+$/g, "");
    const folder = path === "" ? commit : `${commit}:${path}`;
    const isFolder =
      (await exchange.repository.git.tryText("cat-file", "-t", folder)) !==
      "blob";
    if (isFolder) {
      const entries = (await list(exchange, folder)) ?? noSuch(path);
      return ok(
        entries.map((entry) =>
          shape(exchange, ref, {
            ...entry,
            path: path === "" ? entry.path : `${path}/${entry.path}`,
          }),
        ),
      );
    }
    const [entry = noSuch(path)] = (await list(exchange, commit, path)) ?? [];
    const bytes = await exchange.repository.git.bytes([
      "cat-file",
      "blob",
      entry.sha,
    ]);
    if (entry.mode === "120000")
      return ok({
        ...shape(exchange, ref, entry),
        target: bytes.toString("utf8"),
      });
    return ok({
      ...shape(exchange, ref, entry),
      encoding: "base64",
      content: base64Lines(bytes),
    });
  }),
];

async function list(
  { repository }: RepositoryExchange,
  tree: string,
  ...paths: string[]
): Promise<Entry[] | undefined> {
  const text = await repository.git.tryText(
    "ls-tree",
    "-z",
    "--long",
    tree,
    ...(paths.length > 0 ? ["--", ...paths] : []),
  );
  return text
    ?.split("\0")
    .filter(Boolean)
    .map((line) => {
      const [meta = "", path = ""] = line.split("\t", 2);
      const [mode = "", type = "", sha = "", size = "0"] = meta.split(/\s+/);
      return { mode, type, sha, size: Number(size) || 0, path };
    });
}

function shape(
  { world, repository }: RepositoryExchange,
  ref: string,
  entry: Entry,
) {
  const path = entry.path.split("/").map(encodeURIComponent).join("/");
  const kind = entry.type === "tree" ? "tree" : "blob";
  const url = `${repositoryUrl(world.urls, repository)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const page = `${repositoryPage(world.urls, repository)}/${kind}/${ref}/${path}`;
  const git = `${repositoryUrl(world.urls, repository)}/git/${kind}s/${entry.sha}`;
  return {
    type:
      entry.type === "tree"
        ? "dir"
        : entry.mode === "120000"
          ? "symlink"
          : "file",
    name: entry.path.slice(entry.path.lastIndexOf("/") + 1),
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: page,
    git_url: git,
    download_url:
      entry.type === "tree" ? null : page.replace("/blob/", "/raw/"),
    _links: { self: url, git, html: page },
  };
}

/** GitHub breaks base64 into lines of 60. */
const base64Lines = (bytes: Buffer) =>
  bytes.toString("base64").replace(/.{60}/g, "$&\n") + "\n";
