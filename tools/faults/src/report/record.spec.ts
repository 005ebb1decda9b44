import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderDocument } from "./document.js";
import { addToRecord, nameOfSources, type Soak } from "./record.js";
import type { CaseSummary } from "./summary.js";

let folder: string;
const git = (...args: string[]) =>
  execFileSync(
    "git",
    ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args],
    { cwd: folder },
  );
const commit = async (path: string, text: string) => {
  await writeFile(join(folder, path), text);
  git("add", "-A");
  git("commit", "-qm", "change");
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-record-"));
  git("init", "-q");
  for (const name of ["apps", "libs", "tools/faults", "docs"]) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "a.txt"), "a");
  }
  await commit("package-lock.json", "{}");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const one: CaseSummary = {
  number: 9,
  name: "Postgres down",
  backend: "redis",
  tookMs: [3_000],
  failedSeeds: [],
};
function soak(seed: number, change: Partial<CaseSummary> = {}): Promise<Soak> {
  return addToRecord(pathToFileURL(join(folder, "docs/reliability.json")), {
    sources: nameOfSources(folder),
    at: new Date(`2026-11-${seed}T10:00:00Z`),
    seeds: [seed],
    cases: [{ ...one, ...change }],
  });
}

it("rounds of the same sources add up, whatever else was committed", async () => {
  await soak(21);
  await commit("docs/a.txt", "changed");
  await commit("libs/a.spec.ts", "one test more");
  await soak(22, { tookMs: [5_000], failedSeeds: [22] });
  const all = await soak(22, { backend: "postgres" });
  expect(all).toMatchObject({
    days: ["2026-11-21", "2026-11-22"],
    seeds: [21, 22],
    cases: [
      { backend: "redis", tookMs: [3_000, 5_000], failedSeeds: [22] },
      { backend: "postgres", tookMs: [3_000], failedSeeds: [] },
    ],
  });
  const page = renderDocument(all);
  expect(page).toContain("| 9 | Postgres down | redis | 2 | 1 | 4.0 s |");
  expect(page).toContain("| 9 | Postgres down | postgres | 1 | 1 | 3.0 s |");
  expect(page).toContain("1 to 2 rounds a case");
  expect(page).toContain("Not every round passed: Postgres down (redis).");
});

it("rounds of other sources count no more", async () => {
  await soak(21, { failedSeeds: [21] });
  await commit("libs/a.txt", "mended");
  const all = await soak(22);
  expect(all).toMatchObject({ seeds: [22], cases: [one] });
  expect(renderDocument(all)).toContain("Every round passed.");
});

it("what is not committed is not recorded", async () => {
  await writeFile(join(folder, "apps/b.txt"), "new");
  expect(() => nameOfSources(folder)).toThrow(/not committed/);
});
