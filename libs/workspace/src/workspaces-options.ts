import type { Identity } from "@pullwright/sandbox";

import type { Person } from "./commit/commit-request.js";
import type { MirrorQuery } from "./mirror/mirror.js";

export interface WorkspacesOptions {
  /** Where mirrors and checkouts lie; one folder a runner. */
  readonly root: string;
  /** `sandbox.owner`: who runs git and agents when we are root. */
  readonly owner?: Identity | undefined;
  /** Who makes the commits. */
  readonly committer?: Person | undefined;
  /** Where git is found, as in PATH. */
  readonly searchPath?: string | undefined;
  /** Hosts (with port) that may be spoken to over plain http, besides this machine. */
  readonly httpHosts?: readonly string[] | undefined;
  /** Where laying out a tree takes this long, the next one is laid out ahead. 300 ms by default. */
  readonly aheadFromMs?: number | undefined;
  /** How many phases work at once: no more trees of one base branch are laid out ahead. 1 by default. */
  readonly atOnce?: number | undefined;
  /** A commit of more bytes than this is not kept uncompressed for checkouts: it must not eat the disk. 1 GiB by default. */
  readonly plainUpToBytes?: number | undefined;
  /** On a disk with less room than this, as a share, no tree is kept or laid out ahead: it is left to the runs. 0.2 by default. */
  readonly keepFree?: number | undefined;
  /** What came in the way of work in the background, such as a full disk. Nobody waits for that work. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  /** Proxy and certificate variables for git: `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and the like. */
  readonly network?: Readonly<Record<string, string>> | undefined;
}

export interface PrepareRequest extends MirrorQuery {
  readonly attemptId: string;
}
