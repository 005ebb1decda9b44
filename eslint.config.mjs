import nx from "@nx/eslint-plugin";
import tseslint from "typescript-eslint";

const oneHome = (group, home) => ({
  group,
  message: `Only ${home} may import this.`,
});

/** Outside things that have one door each: the pattern of the import, and the project that may use it. */
const doors = [
  {
    group: ["octokit", "@octokit/*"],
    homes: ["libs/github", "tools/local-github"],
    name: "libs/github",
  },
  {
    group: ["typeorm", "typeorm/*"],
    homes: ["libs/persistence"],
    name: "libs/persistence",
  },
  {
    // The queue's Postgres back end has connections of its own.
    group: ["pg", "pg-*"],
    homes: ["libs/persistence", "libs/queue"],
    name: "libs/persistence or libs/queue",
  },
  { group: ["bullmq", "ioredis"], homes: ["libs/queue"], name: "libs/queue" },
  {
    group: ["child_process", "node:child_process", "execa"],
    homes: ["libs/sandbox"],
    name: "libs/sandbox",
  },
  { group: ["@nestjs/*", "@bull-board/*"], homes: ["apps"], name: "apps/" },
];

const doorRules = (except) =>
  doors
    .filter((door) => !door.homes.some((home) => except.startsWith(home)))
    .map((door) => oneHome(door.group, door.name));

const processEnv = {
  selector:
    "MemberExpression[object.name='process'][property.name='env'], ImportDeclaration[source.value=/^(node:)?process$/]",
  message: "Only libs/platform reads the environment.",
};

const unstorableJson = {
  selector: "MemberExpression[object.name='JSON'][property.name='stringify']",
  message: "Postgres does not take all of JSON: toJson in storable.ts does.",
};

const restricted = (files, except) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: doorRules(except) }],
  },
});

/** Who may import whom. Specs obey the same directions, but may use test libraries anywhere. */
const boundaries = (spec) => ({
  enforceBuildableLibDependency: false,
  allow: [],
  depConstraints: [
    {
      sourceTag: "layer:domain",
      onlyDependOnLibsWithTags: [],
      ...(spec ? {} : { bannedExternalImports: ["*"] }),
    },
    {
      sourceTag: "layer:contracts",
      onlyDependOnLibsWithTags: ["layer:domain"],
    },
    {
      sourceTag: "layer:platform",
      onlyDependOnLibsWithTags: spec ? ["layer:testing"] : [],
    },
    {
      sourceTag: "layer:adapter",
      onlyDependOnLibsWithTags: [
        "layer:domain",
        "layer:contracts",
        "layer:platform",
        ...(spec ? ["layer:testing", "layer:tool"] : []),
      ],
    },
    {
      sourceTag: "layer:workspace",
      onlyDependOnLibsWithTags: [
        "layer:domain",
        "layer:contracts",
        "layer:platform",
        "name:sandbox",
        ...(spec ? ["layer:testing"] : []),
      ],
    },
    {
      sourceTag: "layer:runtime",
      onlyDependOnLibsWithTags: [
        "layer:domain",
        "layer:contracts",
        "layer:platform",
        "layer:adapter",
        ...(spec ? ["layer:testing", "layer:tool"] : []),
      ],
    },
    {
      sourceTag: "layer:app",
      onlyDependOnLibsWithTags: [
        "layer:domain",
        "layer:contracts",
        "layer:platform",
        "layer:adapter",
        "layer:workspace",
        "layer:runtime",
        ...(spec ? ["layer:testing", "layer:tool", "layer:app"] : []),
      ],
    },
    { sourceTag: "layer:host", onlyDependOnLibsWithTags: ["*"] },
    { sourceTag: "layer:testing", onlyDependOnLibsWithTags: ["*"] },
    { sourceTag: "layer:tool", onlyDependOnLibsWithTags: ["*"] },
  ],
});

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/__fixtures__/**"] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: {
      parserOptions: {
        project: "./tsconfig.json",
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "@nx": nx },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-extraneous-class": [
        "error",
        { allowWithDecorator: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true },
      ],
      "no-restricted-syntax": ["error", processEnv],
      // Nest declares its options as classes and takes literals.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "no-console": "error",
      "@nx/enforce-module-boundaries": ["error", boundaries(false)],
    },
  },
  restricted(
    [
      "libs/domain/**",
      "libs/contracts/**",
      "libs/platform/**",
      "libs/agents/**",
      "libs/workspace/**",
      "libs/runtime/**",
      "libs/intake/**",
    ],
    "none",
  ),
  restricted(["libs/github/**"], "libs/github"),
  restricted(["libs/persistence/**"], "libs/persistence"),
  {
    files: ["libs/persistence/**"],
    ignores: ["**/storable.ts"],
    rules: { "no-restricted-syntax": ["error", processEnv, unstorableJson] },
  },
  restricted(["libs/queue/**"], "libs/queue"),
  restricted(["libs/sandbox/**"], "libs/sandbox"),
  restricted(["apps/**"], "apps"),
  // The composition roots of the environment, the logger's console and the tools for people.
  {
    files: ["libs/platform/**", "libs/testing/**", "tools/**", "**/*.spec.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.spec.ts"],
    rules: { "@nx/enforce-module-boundaries": ["error", boundaries(true)] },
  },
  { files: ["tools/**", "apps/cli/**"], rules: { "no-console": "off" } },
  {
    files: ["libs/testing/**", "tools/**", "**/*.spec.ts"],
    rules: { "no-restricted-imports": "off" },
  },
);
