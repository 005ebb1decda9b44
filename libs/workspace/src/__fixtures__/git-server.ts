import { execFile, execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The text of a file; null takes it away. */
type File = string | null | { readonly program: string } | { readonly link: string } | { readonly submodule: string };
export type Files = Readonly<Record<string, File>>;

const CONFIG = `[core]
	repositoryformatversion = 0
	bare = true
[http]
	receivepack = true
[uploadpack]
	allowReachableSHA1InWant = true
[fastimport]
	unpackLimit = 1
`;

/** As `git fast-import` reads it. */
function change([name, file]: [string, File]): string {
  const path = JSON.stringify(name);
  if (file === null) return `D ${path}\n`;
  if (typeof file === "string") return `M 100644 inline ${path}\n${data(file)}`;
  if ("program" in file) return `M 100755 inline ${path}\n${data(file.program)}`;
  if ("link" in file) return `M 120000 inline ${path}\n${data(file.link)}`;
  return `M 160000 ${file.submodule} ${path}\n`;
}

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** A git host on loopback: `git http-backend` behind basic auth, as a real server would answer. */
export class GitServer {
  readonly #server: Server;
  readonly folder: string;
  readonly token: string;
  readonly seen: { method: string; url: string; authorization: string | undefined }[] = [];
  /** Answers every request with this status instead. */
  broken: number | undefined;

  private constructor(folder: string, token: string) {
    this.folder = folder;
    this.token = token;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(folder: string, token = "t0ken-of-the-test-server"): Promise<GitServer> {
    await mkdir(folder, { recursive: true });
    const server = new GitServer(folder, token);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  url(name: string): string {
    return `${this.origin}/${name}.git`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Makes a repository with one commit on `main`. */
  async create(name: string, files: Files): Promise<void> {
    const bare = join(this.folder, `${name}.git`);
    for (const folder of ["hooks", "objects", "refs/heads"]) await mkdir(join(bare, folder), { recursive: true });
    await writeFile(join(bare, "HEAD"), "ref: refs/heads/main\n");
    await writeFile(join(bare, "config"), CONFIG);
    await this.commit(name, "main", files, "first");
  }

  /** A person's commit, pushed from elsewhere; returns its id. A branch that is not there yet begins at `main`. */
  async commit(name: string, branch: string, files: Files, message = "by hand"): Promise<string> {
    const from = [branch, "main"].find((from) => this.tip(name, from) !== "");
    const lines = [
      `commit refs/heads/${branch}\nmark :1\ncommitter Person <person@example.com> now\n${data(`${message}\n`)}`,
      ...(from === undefined ? [] : [`from refs/heads/${from}^0\n`]),
      // What goes ("D") comes before what is new ("M"), perhaps in its place.
      ...Object.entries(files).map(change).sort(),
      "\nget-mark :1\n",
    ];
    // One process, where a work tree with its add, commit and push takes fifteen.
    const git = promisify(execFile)("git", ["fast-import", "--quiet", "--date-format=now"], this.#options(name));
    git.child.stdin?.end(lines.join(""));
    return (await git).stdout.trim();
  }

  /** The commit that a branch is at; nothing where there is none. */
  tip(name: string, branch: string): string {
    const ref = join(this.folder, `${name}.git/refs/heads`, branch);
    return existsSync(ref) ? readFileSync(ref, "utf8").trim() : "";
  }

  show(name: string, ...args: string[]): string {
    return execFileSync("git", args, { ...this.#options(name), stdio: ["ignore", "pipe", "pipe"] }).trim();
  }

  #options(name: string) {
    const env = { PATH: "/usr/local/bin:/usr/bin:/bin", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return { cwd: join(this.folder, `${name}.git`), env, encoding: "utf8" } as const;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/", headers } = request;
    this.seen.push({ method, url, authorization: headers.authorization });
    if (this.broken !== undefined) return void response.writeHead(this.broken).end();
    const wanted = `Basic ${Buffer.from(`x-access-token:${this.token}`).toString("base64")}`;
    if (headers.authorization !== wanted) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    }
    const [path = "/", query = ""] = url.split("?");
    const backend = spawn("git", ["http-backend"], {
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
        GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
        HTTP_CONTENT_ENCODING: String(headers["content-encoding"] ?? ""),
        REQUEST_METHOD: method,
        PATH_INFO: path,
        QUERY_STRING: query,
        CONTENT_TYPE: headers["content-type"] ?? "",
        REMOTE_USER: "x-access-token",
      },
    });
    request.pipe(backend.stdin);
    backend.stdin.on("error", () => undefined);
    let head = Buffer.alloc(0);
    backend.stdout.on("data", (chunk: Buffer) => {
      if (response.headersSent) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      const lines = head.toString("latin1", 0, end).split("\r\n").map((line) => line.split(": ") as [string, string]);
      const status = lines.find(([key]) => key === "Status")?.[1] ?? "200";
      response.writeHead(Number.parseInt(status, 10), Object.fromEntries(lines.filter(([key]) => key !== "Status")));
      response.write(head.subarray(end + 4));
    });
    backend.on("close", () => response.end());
  }
}
