import { realpath } from "node:fs/promises";
import { homedir } from "node:os";

import type { Identity } from "../process/process-request.js";
import type { Descent, Toolbox } from "./bubblewrap-arguments.js";
import { BubblewrapSandbox } from "./bubblewrap-sandbox.js";
import { findExecutable } from "./find-executable.js";
import { liesIn } from "./program-folders.js";
import type { Sandbox } from "./sandbox.js";
import { selfTest, type SelfTest } from "./self-test.js";
import { SYSTEM_FOLDERS } from "./system-mounts.js";
import { Unsandboxed } from "./unsandboxed.js";

const SEARCH_PATH =
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const NOBODY: Identity = { uid: 65534, gid: 65534 };
const NETWORK_WARNING =
  "Agents share the network of this machine: the egress proxy is not there yet.";

export interface SandboxOptions {
  /** `ALLOW_UNSANDBOXED_AGENTS`: run without walls where bubblewrap is missing or does not hold. */
  readonly allowUnsandboxed: boolean;
  /** Where bubblewrap and its companions are looked for, as in PATH. */
  readonly searchPath?: string | undefined;
  /** Our own folders: covered below /usr, where everything is readable; elsewhere no folder around one is given. */
  readonly hidden?: readonly string[] | undefined;
  /** The Node that commands get; for tests. */
  readonly node?: string | undefined;
  /** For tests of an ordinary user's way by root. */
  readonly startAs?: Identity | undefined;
}

export type SandboxChoice =
  | { readonly outcome: "ready"; readonly sandbox: Sandbox }
  | {
      readonly outcome: "refused";
      readonly reason: "not_installed" | "self_test_failed";
      readonly message: string;
    };

/** Finds the strongest sandbox of this machine and proves that it holds; without one, refuses unless that is allowed. */
export async function createSandbox(
  options: SandboxOptions,
): Promise<SandboxChoice> {
  const searchPath = options.searchPath ?? SEARCH_PATH;
  const bwrap = await findExecutable("bwrap", searchPath);
  const prlimit = await inSystem(findExecutable("prlimit", searchPath));
  if (bwrap === undefined)
    return without(
      options,
      prlimit,
      "not_installed",
      "bubblewrap (bwrap) is not installed.",
    );

  const asRoot = process.getuid?.() === 0 && options.startAs === undefined;
  const descent = asRoot ? await findDescent(searchPath) : undefined;
  if (asRoot && descent === undefined) {
    return without(
      options,
      prlimit,
      "not_installed",
      "setpriv (util-linux) is not installed; as root it is needed to become an unprivileged user.",
    );
  }
  const ours = await Promise.all((options.hidden ?? []).map(realOf));
  const toolbox = { bwrap, prlimit, descent };
  const common = {
    hidden: ours.filter((path) => liesIn(path, SYSTEM_FOLDERS)),
    own: [...(await realHome()), ...ours],
    startAs: options.startAs,
    node: options.node,
  };
  let problems: readonly string[] = [];
  for (const candidate of candidates(toolbox)) {
    const test = await selfTest({ ...common, toolbox: candidate }, ours);
    if (!test.passed) {
      problems = test.problems; // In the end those of the weakest: what it can do without may be missing.
      continue;
    }
    const warnings = [NETWORK_WARNING, ...missing(candidate, test)];
    const sandbox = new BubblewrapSandbox({
      ...common,
      toolbox: candidate,
      userNamespace: test.userNamespace,
      warnings,
    });
    return { outcome: "ready", sandbox };
  }
  return without(
    options,
    prlimit,
    "self_test_failed",
    `bubblewrap does not hold here. ${problems.join(" ")}`,
  );
}

function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** The operator's home; none where our user has no name in a container. */
async function realHome(): Promise<string[]> {
  try {
    return [await realOf(homedir())];
  } catch {
    return [];
  }
}

/** The profile from strong to weaker: what some kernels, containers and versions of bubblewrap refuse is left away. */
function candidates(toolbox: Omit<Toolbox, "forbidsNesting">): Toolbox[] {
  const { descent } = toolbox;
  const nesting: Toolbox = { ...toolbox, forbidsNesting: false };
  const strongest: Toolbox = { ...toolbox, forbidsNesting: true };
  if (descent === undefined) return [strongest, nesting];
  const bare = { ...nesting, descent: { ...descent, unshare: undefined } };
  return descent.unshare === undefined ? [bare] : [strongest, nesting, bare];
}

function missing(
  toolbox: Toolbox,
  test: SelfTest & { passed: true },
): string[] {
  return [
    ...(toolbox.prlimit === undefined
      ? ["prlimit is not installed: file sizes and open files are not limited."]
      : []),
    ...(test.userNamespace
      ? []
      : ["The kernel refuses agents a user namespace of their own."]),
    ...(test.nests
      ? [
          "Agents can make namespaces, and in them memory that MAX_AGENT_MEMORY_MB does not count: that needs bubblewrap 0.8 and a writable /proc/sys.",
        ]
      : []),
  ];
}

async function findDescent(searchPath: string): Promise<Descent | undefined> {
  const setpriv = await inSystem(findExecutable("setpriv", searchPath));
  const unshare = await inSystem(findExecutable("unshare", searchPath));
  return setpriv === undefined
    ? undefined
    : { identity: NOBODY, setpriv, unshare };
}

/** A helper that runs inside must lie where the inside can see it. */
async function inSystem(
  found: Promise<string | undefined>,
): Promise<string | undefined> {
  const path = await found;
  return path !== undefined &&
    liesIn(path, [...SYSTEM_FOLDERS, "/bin", "/sbin"])
    ? path
    : undefined;
}

function without(
  options: SandboxOptions,
  prlimit: string | undefined,
  reason: "not_installed" | "self_test_failed",
  problem: string,
): SandboxChoice {
  if (options.allowUnsandboxed)
    return { outcome: "ready", sandbox: new Unsandboxed(prlimit) };
  const message = `${problem} Agents do not run without a sandbox unless ALLOW_UNSANDBOXED_AGENTS=true.`;
  return { outcome: "refused", reason, message };
}
