import { spawn } from "node:child_process";
import type { IncomingMessage } from "node:http";
import { gitEnvironment } from "./run-git.js";

/** What `git http-backend` answered: CGI headers read, body still to come. */
interface GitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: NodeJS.ReadableStream;
}

/** Serves one request of git's smart HTTP protocol from a bare repository, with git's own CGI program. */
export function serveGit(
  repositoryPath: string,
  service: {
    readonly pathInfo: string;
    readonly query: string;
    readonly user: string | null;
    readonly env?: Readonly<Record<string, string>>;
  },
  request: IncomingMessage,
): Promise<GitAnswer> {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const child = spawn("git", ["http-backend"], {
    env: {
      ...gitEnvironment(),
      ...service.env,
      GIT_PROJECT_ROOT: repositoryPath,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: service.pathInfo,
      QUERY_STRING: service.query,
      REQUEST_METHOD: request.method,
      REMOTE_ADDR: request.socket.remoteAddress ?? "",
      ...optional("REMOTE_USER", service.user ?? undefined),
      ...optional("CONTENT_TYPE", header("content-type")),
      ...optional("CONTENT_LENGTH", header("content-length")),
      ...optional("HTTP_CONTENT_ENCODING", header("content-encoding")),
      ...optional("GIT_PROTOCOL", header("git-protocol")),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  // git may have heard enough and end; the answer tells what it thought.
  child.stdin.on("error", () => undefined);
  request.once("close", () => {
    if (!request.complete) child.kill();
  });

  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      child.stdout.off("data", onData);
      child.stdout.pause();
      child.stdout.unshift(head.subarray(end + 4));
      resolve({
        ...parseHead(head.subarray(0, end).toString("latin1")),
        body: child.stdout,
      });
    };
    child.stdout.on("data", onData);
    child.once("error", reject);
    child.stdout.once("end", () =>
      reject(new Error("git http-backend ended without an answer.")),
    );
  });
}

function parseHead(head: string): {
  status: number;
  headers: Record<string, string>;
} {
  const lines = head
    .split("\r\n")
    .map((line) => line.split(/:\s*/, 2) as [string, string]); // every CGI header has a colon
  const headers = Object.fromEntries(
    lines.map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { status, ...rest } = headers;
  return {
    status: status === undefined ? 200 : Number.parseInt(status, 10),
    headers: rest,
  };
}

const optional = (
  name: string,
  value: string | undefined,
): Record<string, string> => (value === undefined ? {} : { [name]: value });
