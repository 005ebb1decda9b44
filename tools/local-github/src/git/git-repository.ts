import { mkdir } from "node:fs/promises";
import { runGit } from "./run-git.js";
import { installWorkflowGuard } from "./workflow-guard.js";

/** Branches and other refs by their full names, with the commits they point at. */
export type Refs = ReadonlyMap<string, string>;

export interface FileToCommit {
  readonly content: string | Buffer;
  readonly mode?: "100644" | "100755" | "120000";
}

/** What a commit from outside changes: `null` removes the file. */
export type FilesToCommit = Readonly<
  Record<string, string | FileToCommit | null>
>;

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** One bare repository, touched through git itself only. */
export class GitRepository {
  #queue: Promise<unknown> = Promise.resolve();

  constructor(readonly path: string) {}

  async create(defaultBranch: string): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await this.text(
      "init",
      "--quiet",
      "--bare",
      "--template=",
      `--initial-branch=${defaultBranch}`,
    );
    const settings = {
      "http.receivepack": "true",
      "http.uploadpack": "true",
      "uploadpack.allowFilter": "true",
      "uploadpack.allowAnySHA1InWant": "true",
      // GitHub keeps `refs/pull/*` to itself.
      "receive.hideRefs": "refs/pull",
      "receive.denyDeleteCurrent": "refuse",
      "gc.auto": "0",
    };
    for (const [key, value] of Object.entries(settings))
      await this.text("config", key, value);
    await installWorkflowGuard(this.path);
  }

  /** Runs one change of refs at a time, so that before and after can be compared. */
  exclusive<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(change, change);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** The output of a git command that has to succeed. */
  async text(...args: string[]): Promise<string> {
    return (await this.bytes(args)).toString("utf8").trimEnd();
  }

  /** Like `text`, with `undefined` when git refuses. */
  async tryText(...args: string[]): Promise<string | undefined> {
    const result = await runGit(this.path, args);
    return result.exitCode === 0
      ? result.stdout.toString("utf8").trimEnd()
      : undefined;
  }

  async bytes(
    args: readonly string[],
    input?: string | Buffer,
  ): Promise<Buffer> {
    const result = await runGit(
      this.path,
      args,
      input === undefined ? {} : { input },
    );
    if (result.exitCode !== 0) {
      throw new Error(
        `git ${args[0] ?? ""} ended with ${result.exitCode}: ${result.stderr.trim()}`,
      );
    }
    return result.stdout;
  }

  async refs(prefix = "refs/heads/"): Promise<Refs> {
    const lines = (
      await this.text(
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        prefix,
      )
    )
      .split("\n")
      .filter(Boolean);
    return new Map(lines.map((line) => line.split(" ", 2) as [string, string])); // the format above has two fields
  }

  /** The commit that a branch, tag, full ref or SHA names. */
  async resolve(revision: string): Promise<string | undefined> {
    for (const name of [
      `refs/heads/${revision}`,
      `refs/tags/${revision}`,
      revision,
    ]) {
      if (name.startsWith("-")) continue;
      const sha = await this.tryText(
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        `${name}^{commit}`,
      );
      if (sha !== undefined) return sha;
    }
    return undefined;
  }

  /** Commits files onto a branch in one process (20,000 files take about a second). Returns the commit. */
  async commit(
    branch: string,
    files: FilesToCommit,
    options: {
      readonly parent?: string | undefined;
      readonly author: Person;
      readonly message: string;
      readonly at: Date;
    },
  ): Promise<string> {
    const parts: (string | Buffer)[] = [];
    const data = (content: string | Buffer) => {
      const bytes = Buffer.from(content);
      parts.push(`data ${bytes.length}\n`, bytes, "\n");
    };
    const who = `${options.author.name} <${options.author.email}> ${Math.floor(options.at.getTime() / 1_000)} +0000`;
    parts.push(
      `commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\n`,
    );
    data(options.message);
    if (options.parent !== undefined) parts.push(`from ${options.parent}\n`);
    for (const [path, file] of Object.entries(files)) {
      if (file === null) {
        parts.push(`D ${JSON.stringify(path)}\n`);
        continue;
      }
      const { content, mode = "100644" } =
        typeof file === "string" ? { content: file } : file;
      parts.push(`M ${mode} inline ${JSON.stringify(path)}\n`);
      data(content);
    }
    await this.bytes(
      ["fast-import", "--force", "--quiet"],
      Buffer.concat(parts.map((part) => Buffer.from(part))),
    );
    return this.text("rev-parse", `refs/heads/${branch}`);
  }
}
