import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalGitHub } from "@pullwright/local-github";
import type { Finding } from "../doctor/check.js";
import { pullwright, startApiUnderTest, type Ran } from "./cli-under-test.js";

/** A repository that nobody sees without a right to. */
export const vault = "acme/vault";

export interface Examination extends Pick<Ran, "exitCode"> {
  readonly findings: readonly Finding[];
  /** All that was found of one thing. */
  readonly of: (check: string) => Finding[];
}

/** The doctor in surroundings without a fault, apart from what a spec changes on GitHub. */
export interface DoctorUnderTest {
  readonly github: LocalGitHub;
  examine(change?: Readonly<Record<string, string>>): Promise<Examination>;
  close(): Promise<void>;
}

export async function startDoctorUnderTest(): Promise<DoctorUnderTest> {
  const api = await startApiUnderTest();
  const { github } = api;
  await github.createRepository({ owner: "acme", name: "vault", private: true, files: { "README.md": "# vault\n" } });
  github.setCollaborator(vault, "pullwright-bot", "write");
  const folder = await mkdtemp(join(tmpdir(), "pullwright-doctor-"));
  const agent = join(folder, "claude");
  await writeFile(agent, "#!/bin/sh\necho 2.1.0 '(Claude Code)'\n");
  await chmod(agent, 0o755);
  const healthy: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    DATABASE_URL: api.runtime.databaseUrl,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_GRAPHQL_URL: github.graphqlUrl,
    GITHUB_SERVER_URL: github.url,
    GITHUB_WEBHOOK_SECRET: "quite secret",
    REPOSITORIES: vault,
    CLAUDE_CODE_PATH: agent,
    ANTHROPIC_API_KEY: "sk-ant-test",
    ALLOW_UNSANDBOXED_AGENTS: "true",
  };
  return {
    github,
    examine: async (change = {}) => {
      const environment = { ...healthy, ...change };
      const { exitCode, out } = await pullwright(api, ["doctor", "--json"], { environment });
      const findings = JSON.parse(out) as Finding[]; // As the doctor prints them.
      return { exitCode, findings, of: (check) => findings.filter((finding) => finding.check === check) };
    },
    close: async () => {
      await rm(folder, { recursive: true, force: true });
      await api.close();
    },
  };
}
