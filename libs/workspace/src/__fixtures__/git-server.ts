import { execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

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
  async create(name: string, files: Record<string, string>): Promise<void> {
    const bare = join(this.folder, `${name}.git`);
    const work = join(this.folder, `${name}.work`);
    await mkdir(work, { recursive: true });
    this.git(work, "init", "-q", "-b", "main");
    await this.write(name, files);
    this.git(work, "add", "-A");
    this.git(work, "commit", "-q", "--allow-empty", "-m", "first");
    this.git(this.folder, "clone", "-q", "--bare", work, bare);
    this.git(bare, "config", "http.receivepack", "true");
    this.git(bare, "config", "uploadpack.allowReachableSHA1InWant", "true");
    this.git(work, "remote", "add", "origin", bare);
  }

  /** A person's commit, pushed from elsewhere; returns its id. */
  async commit(name: string, branch: string, files: Record<string, string>, message = "by hand"): Promise<string> {
    const work = join(this.folder, `${name}.work`);
    this.git(work, "fetch", "-q", "origin");
    const there = this.git(work, "ls-remote", "origin", `refs/heads/${branch}`) !== "";
    this.git(work, "checkout", "-q", "--detach", there ? `origin/${branch}` : "origin/main");
    await this.write(name, files);
    this.git(work, "add", "-A");
    this.git(work, "commit", "-q", "--allow-empty", "-m", message);
    this.git(work, "push", "-q", "--force", "origin", `HEAD:refs/heads/${branch}`);
    return this.git(work, "rev-parse", "HEAD");
  }

  async write(name: string, files: Record<string, string>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, `${name}.work`, path);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, content);
    }
  }

  tip(name: string, branch: string): string {
    return this.git(join(this.folder, `${name}.git`), "for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`);
  }

  show(name: string, ...args: string[]): string {
    return this.git(join(this.folder, `${name}.git`), ...args);
  }

  git(cwd: string, ...args: string[]): string {
    const env = {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: this.folder,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Person",
      GIT_AUTHOR_EMAIL: "person@example.com",
      GIT_COMMITTER_NAME: "Person",
      GIT_COMMITTER_EMAIL: "person@example.com",
    };
    return execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
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
