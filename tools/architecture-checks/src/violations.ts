/** A deliberate violation of the directions in ARCHITECTURE.md: this import, in this file, must be refused by this rule. */
export interface DeliberateViolation {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const boundaries = "@nx/enforce-module-boundaries";
const doors = "no-restricted-imports";
const syntax = "no-restricted-syntax";
const noAny = "@typescript-eslint/no-explicit-any";

/** One for every arrow that must not be drawn. */
export const deliberateViolations: readonly DeliberateViolation[] = [
  {
    file: "libs/domain/src/bad.ts",
    code: 'import "@pullwright/contracts";',
    rule: boundaries,
  },
  { file: "libs/domain/src/bad.ts", code: 'import "zod";', rule: boundaries },
  {
    file: "libs/contracts/src/bad.ts",
    code: 'import "@pullwright/persistence";',
    rule: boundaries,
  },
  {
    file: "libs/platform/src/bad.ts",
    code: 'import "@pullwright/domain";',
    rule: boundaries,
  },
  {
    file: "libs/persistence/src/bad.ts",
    code: 'import "@pullwright/queue";',
    rule: boundaries,
  },
  {
    file: "libs/github/src/bad.ts",
    code: 'import "@pullwright/persistence";',
    rule: boundaries,
  },
  {
    file: "libs/queue/src/bad.ts",
    code: 'import "@pullwright/github";',
    rule: boundaries,
  },
  {
    file: "libs/agents/src/bad.ts",
    code: 'import "@pullwright/sandbox";',
    rule: boundaries,
  },
  {
    file: "libs/sandbox/src/bad.ts",
    code: 'import "@pullwright/workspace";',
    rule: boundaries,
  },
  {
    file: "libs/workspace/src/bad.ts",
    code: 'import "@pullwright/agents";',
    rule: boundaries,
  },
  {
    file: "libs/runtime/src/bad.ts",
    code: 'import "@pullwright/api";',
    rule: boundaries,
  },
  {
    file: "apps/api/src/bad.ts",
    code: 'import "@pullwright/agent-runner";',
    rule: boundaries,
  },
  {
    file: "apps/poller/src/bad.ts",
    code: 'import "@pullwright/testing";',
    rule: boundaries,
  },
  {
    file: "apps/orchestrator/src/bad.ts",
    code: 'import "@pullwright/local-github";',
    rule: boundaries,
  },
  {
    file: "apps/orchestrator/src/bad.ts",
    code: 'import "@octokit/rest";',
    rule: doors,
  },
  { file: "apps/api/src/bad.ts", code: 'import "typeorm";', rule: doors },
  {
    file: "apps/agent-runner/src/bad.ts",
    code: 'import "bullmq";',
    rule: doors,
  },
  {
    file: "libs/workspace/src/bad.ts",
    code: 'import "node:child_process";',
    rule: doors,
  },
  {
    file: "libs/persistence/src/bad.ts",
    code: 'import "@nestjs/common";',
    rule: doors,
  },
  { file: "libs/github/src/bad.ts", code: 'import "ioredis";', rule: doors },
  {
    file: "libs/sandbox/src/bad.ts",
    code: "export const home = process.env.HOME;",
    rule: syntax,
  },
  {
    file: "apps/api/src/bad.ts",
    code: "export const home = process.env.HOME;",
    rule: syntax,
  },
  {
    file: "apps/api/src/bad.ts",
    code: 'export { home };\nimport { env } from "node:process";\nconst home = env.HOME;',
    rule: syntax,
  },
  { file: "libs/queue/src/bad.ts", code: 'import "typeorm";', rule: doors },
  { file: "apps/orchestrator/src/bad.ts", code: 'import "pg";', rule: doors },
  {
    file: "libs/intake/src/bad.ts",
    code: 'import "@octokit/rest";',
    rule: doors,
  },
  {
    file: "libs/runtime/src/bad.ts",
    code: 'import "@bull-board/api";',
    rule: doors,
  },
  { file: "libs/domain/src/bad.ts", code: 'import "node:fs";', rule: doors },
  { file: "libs/domain/src/bad.ts", code: 'import "fs";', rule: doors },
  {
    file: "apps/api/src/bad.ts",
    code: 'export const pg = () => import("pg");',
    rule: syntax,
  },
  {
    file: "libs/platform/src/bad.ts",
    code: "export const load = (name: string) => import(name);",
    rule: syntax,
  },
  {
    file: "libs/persistence/src/bad.ts",
    code: 'export const queue = () => import("bullmq");',
    rule: syntax,
  },
  ...[
    "libs/domain/src/bad.ts",
    "apps/cli/src/bad.ts",
    "tools/faults/src/bad.ts",
    "libs/queue/src/bad.spec.ts",
    "e2e/src/bad.spec.ts",
    "bench/src/bad.ts",
  ].map((file) => ({ file, code: "export const x: any = 1;", rule: noAny })),
];

/** What is allowed next to them, so that a rule which refuses everything is found out too. */
export const allowed: readonly Omit<DeliberateViolation, "rule">[] = [
  { file: "libs/contracts/src/good.ts", code: 'import "@pullwright/domain";' },
  { file: "libs/workspace/src/good.ts", code: 'import "@pullwright/sandbox";' },
  { file: "libs/persistence/src/good.ts", code: 'import "typeorm";' },
  { file: "libs/queue/src/good.ts", code: 'import "bullmq";' },
  { file: "libs/queue/src/good.ts", code: 'import "pg";' },
  { file: "libs/github/src/good.ts", code: 'import "@octokit/rest";' },
  { file: "apps/api/src/good.ts", code: 'import "@nestjs/common";' },
  {
    file: "apps/agent-runner/src/good.ts",
    code: 'import "@pullwright/workspace";',
  },
  {
    file: "libs/platform/src/good.ts",
    code: "export const home = process.env.HOME;",
  },
  {
    file: "apps/cli/src/good.ts",
    code: 'export const doctor = () => import("./doctor/doctor.js");',
  },
  {
    file: "libs/domain/src/good.ts",
    code: 'export * from "./run/decide.js";',
  },
  {
    file: "libs/domain/src/good.spec.ts",
    code: 'import "node:fs";',
  },
  {
    file: "e2e/src/good.ts",
    code: 'import "@copilotkit/aimock";\nexport const x: unknown = process.env;',
  },
];
