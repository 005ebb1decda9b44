/** @type {import('jest').Config} */
export default {
  roots: ["<rootDir>/libs", "<rootDir>/apps", "<rootDir>/tools"],
  testMatch: ["**/src/**/*.spec.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": ["@swc/jest", { swcrc: false, ...swc() }] },
  // Sources name their neighbours as `./x.js`, as Node wants it; the file on disk is `x.ts`.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  testEnvironment: "node",
  testEnvironmentOptions: {
    customExportConditions: ["@pullwright/source", "node", "node-addons"],
  },
  modulePathIgnorePatterns: ["/dist/"],
  // Specs wait more than they compute; with more workers than that those with real timeouts disturb each other.
  maxWorkers: 3,
  // Of each spec 2 to 20 MB stay in its worker (https://github.com/jestjs/jest/issues/14605): 1.2 GB after 40 of apps/api. All of
  // it is marked at every garbage collection, and its page tables are copied whenever a git or an agent is started.
  workerIdleMemoryLimit: "400MB",
  testSequencer: "<rootDir>/jest/long-ones-first.mjs",
  testTimeout: 60_000,
  globalSetup: "<rootDir>/jest/global-setup.mjs",
  globalTeardown: "<rootDir>/jest/global-teardown.mjs",
};

function swc() {
  return {
    jsc: {
      parser: { syntax: "typescript", decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: "es2023",
      keepClassNames: true,
    },
    module: { type: "es6" },
    sourceMaps: "inline",
  };
}
