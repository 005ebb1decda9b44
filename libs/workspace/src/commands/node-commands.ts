import type { RepositoryCommand } from "./repository-command.js";
import type { RepositoryFiles } from "./repository-files.js";

const FILE = "package.json";
/** What `npm init` writes where there are no tests. */
const NO_TESTS = /no test specified/;

interface PackageManager {
  readonly lock: string;
  readonly install: readonly [string, ...string[]];
  readonly run: readonly [string, ...string[]];
}

const MANAGERS: readonly PackageManager[] = [
  {
    lock: "pnpm-lock.yaml",
    install: ["pnpm", "install", "--frozen-lockfile"],
    run: ["pnpm", "run"],
  },
  {
    lock: "yarn.lock",
    install: ["yarn", "install", "--frozen-lockfile"],
    run: ["yarn", "run"],
  },
  {
    lock: "bun.lock",
    install: ["bun", "install", "--frozen-lockfile"],
    run: ["bun", "run"],
  },
  {
    lock: "bun.lockb",
    install: ["bun", "install", "--frozen-lockfile"],
    run: ["bun", "run"],
  },
  { lock: "package-lock.json", install: ["npm", "ci"], run: ["npm", "run"] },
  { lock: "npm-shrinkwrap.json", install: ["npm", "ci"], run: ["npm", "run"] },
];
const PLAIN_NPM: PackageManager = {
  lock: "",
  install: ["npm", "install", "--no-package-lock"],
  run: ["npm", "run"],
};

/** `package.json` as far as it says how to test. */
export interface PackageManifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly hasDependencies: boolean;
}

/** Reads a manifest; one that is broken has nothing to say. */
export function readManifest(text: string): PackageManifest {
  try {
    const manifest = asRecord(JSON.parse(text));
    const scripts = Object.entries(asRecord(manifest["scripts"])).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    const groups = [
      "dependencies",
      "devDependencies",
      "optionalDependencies",
      "workspaces",
    ];
    const hasDependencies = groups.some(
      (group) => Object.keys(asRecord(manifest[group])).length > 0,
    );
    return { scripts: Object.fromEntries(scripts), hasDependencies };
  } catch {
    return { scripts: {}, hasDependencies: false };
  }
}

export function nodeCommands(files: RepositoryFiles): RepositoryCommand[] {
  if (!files.has(FILE)) return [];
  const { scripts, hasDependencies } = readManifest(files.text(FILE));
  const test = scripts["test"];
  if (test === undefined || NO_TESTS.test(test)) return [];
  const manager = MANAGERS.find(({ lock }) => files.has(lock)) ?? PLAIN_NPM;
  const commands: RepositoryCommand[] = [];
  if (hasDependencies) commands.push({ kind: "setup", argv: manager.install });
  if (scripts["lint"] !== undefined)
    commands.push({ kind: "lint", argv: [...manager.run, "lint"] });
  commands.push({
    kind: "test",
    argv: manager.run[0] === "npm" ? ["npm", "test"] : [...manager.run, "test"],
  });
  return commands;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : {}; // Any object's fields can be asked for.
}
