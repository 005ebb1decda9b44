const tests =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\/|(?:^|\/)[^/]*[._-](?:test|spec|tests|specs)\.[^/]+$|(?:^|\/)(?:test_[^/]+\.py|conftest\.py)$/i;

/** Names of files that say how a project is built and tested, and can thereby leave tests out. */
const scripts = new RegExp(
  `(?:^|/)(?:${[
    String.raw`package\.json|\.pullwright\.yml`,
    String.raw`(?:GNU|BSD)?makefile|[^/]+\.(?:mk|mak|just|sh|bash)|\.?justfile|taskfile[^/]*\.ya?ml|rakefile`,
    String.raw`(?:gradlew|mvnw)(?:\.bat|\.cmd)?`,
    String.raw`pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle\.properties|cargo\.toml|mix\.exs|composer\.json|deno\.jsonc?`,
    String.raw`tox\.ini|pytest\.ini|pyproject\.toml|setup\.cfg|noxfile\.py|\.rspec|phpunit\.xml(?:\.dist)?`,
    String.raw`pytest\.py|pnpm-workspace\.yaml|directory\.build\.(?:props|targets)`,
    String.raw`(?:jest|vitest|vite|playwright|cypress|karma)\.conf(?:ig)?\.[^/]+|vitest\.workspace\.[^/]+|\.mocharc\.[^/]+|(?:nx|turbo|lerna|project)\.json`,
  ].join("|")})$`,
  "i",
);

const folders =
  /(?:^|\/)(?:scripts|gradle\/wrapper|\.mvn|node_modules|vendor\/bin|pytest|\.yarn\/(?:releases|plugins))\//i;

/** Whether a change to this path may have changed the judge along with the code: people are told of it. */
export function isTestOrScript(path: string): boolean {
  return tests.test(path) || scripts.test(path) || folders.test(path);
}
