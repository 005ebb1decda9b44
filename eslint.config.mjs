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

// The doors see what is imported at the top of a file alone.
const packagesAtTheTop = {
  selector: "ImportExpression:not([source.value=/^\\.\\.?\\//])",
  message:
    "import() is for files of the same project: import packages at the top.",
};

const unstorableJson = {
  selector: "MemberExpression[object.name='JSON'][property.name='stringify']",
  message: "Postgres does not take all of JSON: toJson in storable.ts does.",
};

const restricted = (files, except, more = []) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [...doorRules(except), ...more] },
    ],
  },
});

/** The boundaries' rule does not look at Node's own modules. */
const nothing = { regex: "^[^.]", message: "libs/domain imports nothing." };

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
      "no-restricted-syntax": ["error", processEnv, packagesAtTheTop],
      // Nest declares its options as classes and takes literals.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "no-console": "error",
      "@nx/enforce-module-boundaries": ["error", boundaries(false)],
    },
  },
  restricted(["libs/domain/**"], "none", [nothing]),
  restricted(
    [
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
    rules: {
      "no-restricted-syntax": [
        "error",
        processEnv,
        packagesAtTheTop,
        unstorableJson,
      ],
    },
  },
  restricted(["libs/queue/**"], "libs/queue"),
  restricted(["libs/sandbox/**"], "libs/sandbox"),
  restricted(["apps/**"], "apps"),
  // The environment's home, and the tools for people.
  {
    files: ["libs/platform/**"],
    rules: { "no-restricted-syntax": ["error", packagesAtTheTop] },
  },
  {
    files: ["libs/testing/**", "tools/**", "**/*.spec.ts"],
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
  // Programs with packages of their own, which are not always installed: nothing can be said of their types here.
  {
    files: ["e2e/**/*.ts", "bench/**/*.ts"],
    ...tseslint.configs.disableTypeChecked,
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      "@nx/enforce-module-boundaries": "off",
      "no-restricted-syntax": "off",
      "no-console": "off",
    },
  },
);
