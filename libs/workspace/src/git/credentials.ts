import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

import type { Identity } from "@pullwright/sandbox";

import type { GitCall } from "./git.js";
import { GitError } from "./git-error.js";

/** How git proves who we are. The token is asked for only when a call to the remote is about to be made. */
export interface GitCredentials {
  /** `x-access-token` unless told, as GitHub wants it for every kind of token. */
  readonly username?: string;
  token(): Promise<string>;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * git asks this program. It answers one question only, word for word: a redirect or an `insteadOf` to another host asks
 * another question and gets nothing.
 */
const ASKPASS = `#!/bin/sh
[ "$1" = "$PULLWRIGHT_ASKPASS_QUESTION" ] && exec cat "$PULLWRIGHT_ASKPASS_FILE"
exit 1
`;

/** Hands tokens to git through a file of one call's life: never in arguments, URL, configuration or environment. */
export class Askpass {
  readonly #folder: string;
  readonly #owner: Identity | undefined;
  readonly #httpHosts: ReadonlySet<string>;

  constructor(
    folder: string,
    owner: Identity | undefined,
    httpHosts: readonly string[],
  ) {
    this.#folder = folder;
    this.#owner = owner;
    this.#httpHosts = new Set(httpHosts);
  }

  /** Prepares the folder, which is this process's alone; anything in it is from a dead one with the same pid. */
  async open(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#program, ASKPASS, { mode: 0o500 });
    if (this.#owner) {
      await chown(this.#program, this.#owner.uid, this.#owner.gid);
      await chown(this.#folder, this.#owner.uid, this.#owner.gid);
    }
  }

  /** Makes one call to a remote possible: the protocol is allowed and the credentials are at hand. */
  async during<T>(
    cloneUrl: string,
    credentials: GitCredentials | undefined,
    work: (call: GitCall) => Promise<T>,
  ): Promise<T> {
    const url = this.#checked(cloneUrl);
    const protocol = url.protocol.slice(0, -1);
    if (!credentials) return work({ env: { GIT_ALLOW_PROTOCOL: protocol } });
    const username = credentials.username ?? "x-access-token";
    const file = join(this.#folder, randomUUID());
    try {
      await writeFile(file, `${await credentials.token()}\n`, {
        mode: 0o600,
        flag: "wx",
      });
      if (this.#owner) await chown(file, this.#owner.uid, this.#owner.gid);
      return await work({
        config: { [`credential.${url.origin}.username`]: username },
        env: {
          GIT_ALLOW_PROTOCOL: protocol,
          GIT_ASKPASS: this.#program,
          PULLWRIGHT_ASKPASS_FILE: file,
          PULLWRIGHT_ASKPASS_QUESTION: `Password for '${url.protocol}//${username}@${url.host}': `,
        },
      });
    } finally {
      await rm(file, { force: true });
    }
  }

  get #program(): string {
    return join(this.#folder, "askpass");
  }

  /** https always; plain http only on this machine and to the hosts that the installation names. */
  #checked(cloneUrl: string): URL {
    const url = URL.canParse(cloneUrl) ? new URL(cloneUrl) : undefined;
    const plain =
      url?.protocol === "http:" &&
      (LOOPBACK.has(url.hostname) || this.#httpHosts.has(url.host));
    if (
      !url ||
      (url.protocol !== "https:" && !plain) ||
      url.username !== "" ||
      url.password !== ""
    ) {
      throw new GitError(
        "INVALID_NAME",
        "A repository's address must be https, without a user or password in it.",
      );
    }
    return url;
  }
}
