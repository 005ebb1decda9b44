import { chmod, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Toolbox } from "./bubblewrap-arguments.js";
import {
  BubblewrapSandbox,
  type BubblewrapOptions,
} from "./bubblewrap-sandbox.js";
import { whyItFails } from "./why-it-fails.js";

const TIMEOUT_MS = 10_000;
const KNOWN_VARIABLES = new Set([
  "PATH",
  "HOME",
  "TMPDIR",
  "PWD",
  "OLDPWD",
  "SHLVL",
  "_",
]);
/** bubblewrap's process 1, the shell and the tools in its pipes; a machine has dozens. */
const MAX_PROCESSES = 8;

/** Tells what a command inside can do, a fact a line. */
const PROBE = `
(echo x > /usr/pullwright-self-test) 2>/dev/null && echo fact=writes-outside
(echo x > "$HOME/x" && echo x > "$TMPDIR/x" && echo x > ./x) || echo fact=cannot-write-inside
for canary; do test -e "$canary" && echo fact=sees-foreign-files; done
cat /proc/1/environ /proc/self/environ 2>/dev/null | tr '\\0' '\\n' | sed -n 's/^\\([^=]*\\)=.*/variable=\\1/p'
echo "processes=$(ls -d /proc/[0-9]* | wc -l)"
echo "uid=$(id -u)"
echo "map=$(cat /proc/self/uid_map)"
sed -n 's/^CapEff:[[:space:]]*/capabilities=/p;s/^NoNewPrivs:[[:space:]]*/nonewprivs=/p' /proc/self/status
unshare --user true 2>/dev/null && echo fact=nests
echo "namespace=$(readlink /proc/self/ns/user)"
echo fact=done
`;

export type SelfTest =
  | {
      readonly passed: true;
      readonly userNamespace: boolean;
      /** A command can make user namespaces of its own. */
      readonly nests: boolean;
    }
  | { readonly passed: false; readonly problems: readonly string[] };

/** Runs a probe in the sandbox and checks what must hold, rather than trusting the flags; `ours` must be out of its sight. */
export async function selfTest(
  options: Omit<BubblewrapOptions, "userNamespace" | "warnings">,
  ours: readonly string[],
): Promise<SelfTest> {
  const sandbox = new BubblewrapSandbox({
    ...options,
    userNamespace: false,
    warnings: [],
  });
  const folder = await placeCanary(tmpdir());
  const others: string[] = [];
  try {
    // One that is not there yet, or not ours to write, has nothing of ours to be seen either.
    for (const place of ours)
      others.push(
        ...(await placeCanary(place).then(
          (path) => [path],
          () => [],
        )),
      );
    const worktree = await mkdtemp(join(folder, "worktree-"));
    await chmod(worktree, 0o777);
    const lines: string[] = [];
    const result = await sandbox.run({
      command: "/bin/sh",
      args: ["-c", PROBE, "sh", ...[folder, ...others].map(canaryIn)],
      env: { PATH: "/usr/bin:/bin" },
      folders: { worktree },
      timeoutMs: TIMEOUT_MS,
      onLines: (stream, batch) => {
        if (stream === "stdout") lines.push(...batch);
      },
    });
    const hostNamespace = await readlink("/proc/self/ns/user").catch(() => "");
    const facts = Facts.from(lines);
    const problems =
      result.ok && facts.has("fact", "done")
        ? problemsIn(facts, options.toolbox)
        : [whyItFails(result.stderrTail)];
    return problems.length > 0
      ? { passed: false, problems }
      : {
          passed: true,
          userNamespace: !facts.has("namespace", hostNamespace),
          nests: facts.has("fact", "nests"),
        };
  } finally {
    for (const path of [folder, ...others])
      await rm(path, { recursive: true, force: true });
  }
}

/** A folder with a file to be seen. It lives for milliseconds, and the sandbox's user must be able to reach it. */
async function placeCanary(place: string): Promise<string> {
  const folder = await mkdtemp(join(place, "pullwright-self-test-"));
  await writeFile(canaryIn(folder), "");
  await chmod(folder, 0o755);
  return folder;
}

const canaryIn = (folder: string) => join(folder, "canary");

function problemsIn(facts: Facts, toolbox: Toolbox): string[] {
  const asRoot = toolbox.descent !== undefined;
  const foreign = facts
    .all("variable")
    .filter((name) => !KNOWN_VARIABLES.has(name));
  // Only our own root can be root outside: bubblewrap nests two namespaces for an ordinary user and calls him 0 between.
  const outsideUid = facts
    .all("map")
    .map((map) => realUid(map, Number(facts.all("uid")[0])));
  const checks: [boolean, string][] = [
    [
      facts.has("fact", "writes-outside"),
      "A command can write outside its worktree.",
    ],
    [
      facts.has("fact", "cannot-write-inside"),
      "A command cannot write in its worktree, HOME or TMPDIR.",
    ],
    [
      facts.has("fact", "sees-foreign-files"),
      "A command sees files that were not given to it.",
    ],
    [
      foreign.length > 0,
      `A command sees variables of other processes: ${foreign.join(", ")}.`,
    ],
    [
      Number(facts.all("processes")[0]) > MAX_PROCESSES,
      "A command sees the processes of the machine.",
    ],
    [!facts.has("nonewprivs", "1"), "A command can gain privileges."],
    [
      !facts.all("capabilities").every((mask) => /^0+$/.test(mask)),
      "A command keeps capabilities.",
    ],
    [
      toolbox.forbidsNesting && facts.has("fact", "nests"),
      "A command can make user namespaces.",
    ],
    [asRoot && outsideUid.includes(0), "A command runs as root outside."],
  ];
  return checks.flatMap(([broken, sentence]) => (broken ? [sentence] : []));
}

/** Who `uid` is one namespace up; `uid_map` lines are "inside outside count". */
function realUid(map: string, uid: number): number | undefined {
  const [inside, outside, count] = map.trim().split(/\s+/).map(Number);
  if (inside === undefined || outside === undefined || count === undefined)
    return undefined;
  return uid >= inside && uid < inside + count
    ? outside + uid - inside
    : undefined;
}

class Facts {
  readonly #facts: readonly (readonly [string, string])[];

  private constructor(facts: readonly (readonly [string, string])[]) {
    this.#facts = facts;
  }

  static from(lines: readonly string[]): Facts {
    return new Facts(
      lines.map(
        (line) =>
          [
            line.slice(0, line.indexOf("=")),
            line.slice(line.indexOf("=") + 1),
          ] as const,
      ),
    );
  }

  all(name: string): string[] {
    return this.#facts
      .filter(([key]) => key === name)
      .map(([, value]) => value);
  }

  has(name: string, value: string): boolean {
    return this.all(name).includes(value);
  }
}
