/** What an agent's commit may hold. Patterns are globs over paths, matched without regard to case. */
export interface GuardPolicy {
  /** Changes here refuse the commit. */
  readonly block: readonly string[];
  /** Changes here are named, so that a person looks at them. */
  readonly review: readonly string[];
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

const MIB = 1024 ** 2;

export const defaultGuardPolicy: GuardPolicy = {
  block: [
    // What runs with the repository's rights.
    ".github/workflows/**",
    ".github/actions/**",
    ".circleci/**",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
    ".pullwright.yml",
    // Who must review.
    "CODEOWNERS",
    ".github/CODEOWNERS",
    "docs/CODEOWNERS",
    ".github/dependabot.yml",
    // What makes git fetch from elsewhere.
    ".gitmodules",
    ".lfsconfig",
    // What instructs or configures agents, wherever it lies.
    "**/CLAUDE.md",
    "**/CLAUDE.local.md",
    "**/AGENTS.md",
    "**/AGENTS.override.md",
    "**/GEMINI.md",
    "**/QWEN.md",
    "**/.mcp.json",
    "**/.claude/**",
    "**/.codex/**",
    "**/.gemini/**",
    "**/.qwen/**",
    "**/.opencode/**",
    "**/opencode.json",
    "**/opencode.jsonc",
    "**/.cursor/**",
    "**/.cursorrules",
    "**/.windsurfrules",
    "**/.aider.conf.yml",
    ".github/copilot-instructions.md",
    ".github/instructions/**",
    ".github/prompts/**",
    ".github/agents/**",
    // What points a package manager at another registry.
    "**/.npmrc",
    "**/.yarnrc",
    "**/.yarnrc.yml",
    "**/bunfig.toml",
    "**/.pnpmfile.cjs",
    "**/.cargo/config",
    "**/.cargo/config.toml",
    "**/pip.conf",
  ],
  review: [
    "**/package.json",
    "**/package-lock.json",
    "**/npm-shrinkwrap.json",
    "**/yarn.lock",
    "**/pnpm-lock.yaml",
    "**/Cargo.lock",
    "**/go.sum",
    "**/poetry.lock",
    // What says how it is built and tested.
    "**/Makefile",
    "**/GNUmakefile",
    "**/BSDmakefile",
    "**/*.mk",
    "**/*.mak",
    "**/justfile",
    "**/.justfile",
    "**/Taskfile*.yml",
    "**/Taskfile*.yaml",
    "**/gradlew",
    "**/gradlew.bat",
    "**/gradle/wrapper/**",
    "**/mvnw",
    "**/mvnw.cmd",
    "**/.mvn/**",
    "**/.yarn/releases/**",
    "**/.yarn/plugins/**",
    "**/Dockerfile",
    "**/Dockerfile.*",
    "**/docker-compose*.yml",
    "**/.husky/**",
    "**/.gitattributes",
  ],
  maxFiles: 1_000,
  maxFileBytes: 5 * MIB,
  maxTotalBytes: 20 * MIB,
};

type GuardWishes = {
  readonly [Rule in keyof GuardPolicy]?: GuardPolicy[Rule] | undefined;
};

/** The policy with a repository's wishes: these can add to the lists and lower the limits, never the other way. */
export function narrowPolicy(
  policy: GuardPolicy,
  wishes: GuardWishes,
): GuardPolicy {
  return {
    block: [...new Set([...policy.block, ...(wishes.block ?? [])])],
    review: [...new Set([...policy.review, ...(wishes.review ?? [])])],
    maxFiles: Math.min(policy.maxFiles, wishes.maxFiles ?? Infinity),
    maxFileBytes: Math.min(
      policy.maxFileBytes,
      wishes.maxFileBytes ?? Infinity,
    ),
    maxTotalBytes: Math.min(
      policy.maxTotalBytes,
      wishes.maxTotalBytes ?? Infinity,
    ),
  };
}
