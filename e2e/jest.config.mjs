import root from "../jest.config.mjs";

// As in the workspaces, save for what is theirs alone: the roots, and the Postgres that their specs share.
const { transform, moduleNameMapper, testEnvironmentOptions } = root;

/** @type {import('jest').Config} */
export default {
  roots: ["<rootDir>/src"],
  testMatch: ["**/*.spec.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform,
  moduleNameMapper,
  testEnvironment: "node",
  testEnvironmentOptions,
  testTimeout: 180_000,
};
