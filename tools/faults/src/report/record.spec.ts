import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import {
  mkdtemp,
  mkdir,
  readFile,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderDocument } from "./document.js";
import { addToRecord, nameSources, type RecordedCase } from "./record.js";
import type { CaseSummary } from "./summary.js";

const cases = "tools/faults/src/cases";

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
  for (const name of [
    "apps",
    "libs",
    "tools/faults/src/report",
    cases,
    "docs",
  ]) {
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
  days: ["2026-11-21"],
  seeds: [21],
  tookMs: [3_000],
  failedSeeds: [],
};
/** A round of it on the day that its seed names. */
function soak(
  seed: number,
  change: Partial<CaseSummary> = {},
): Promise<RecordedCase[]> {
  const record = pathToFileURL(join(folder, "docs/reliability.json"));
  const round = { ...one, days: [`2026-11-${seed}`], seeds: [seed], ...change };
  return addToRecord(record, nameSources(folder), [round]);
}

it("rounds of the same sources add up, whatever else was committed", async () => {
  await soak(21);
  await commit("docs/a.txt", "changed");
  await commit("libs/a.spec.ts", "one test more");
  await commit("tools/faults/src/report/a.txt", "other words");
  await commit(`${cases}/fault-90-another.ts`, "changed");
  await soak(22, { tookMs: [5_000], failedSeeds: [22] });
  const all = await soak(22, { backend: "postgres" });
  expect(all).toMatchObject([
    {
      backend: "redis",
      days: ["2026-11-21", "2026-11-22"],
      seeds: [21, 22],
      tookMs: [3_000, 5_000],
      failedSeeds: [22],
    },
    { backend: "postgres", seeds: [22], tookMs: [3_000], failedSeeds: [] },
  ]);
  const page = renderDocument(all, 2);
  expect(page).toContain("- 2026-11-21, 2026-11-22, ");
  expect(page).toContain("seeds 21, 22\n");
  expect(page).toContain("| 9 | Postgres down | redis | 2 | 1 | 4.0 s |");
  expect(page).toContain("| 9 | Postgres down | postgres | 1 | 1 | 3.0 s |");
  expect(page).toContain("1 to 2 rounds a case");
  expect(page).toContain("Not every round passed: Postgres down (redis).\n");
});

it.each([
  "package-lock.json",
  "apps/a.txt",
  "libs/a.txt",
  "tools/faults/src/rig.ts",
  `${cases}/crowd.ts`,
  `${cases}/fault-09-postgres-down.ts`,
])("rounds from before a change of %s count no more", async (path) => {
  await soak(21, { failedSeeds: [21] });
  await commit(path, "mended");
  const all = await soak(22);
  expect(all).toMatchObject([{ ...one, days: ["2026-11-22"], seeds: [22] }]);
  expect(renderDocument(all, 3)).toContain(
    "Every round passed. Of these sources 2 of 3 cases have not been run yet.",
  );
});

it("rounds of a fault begin anew alone when its case is mended", async () => {
  await soak(21);
  await soak(21, { number: 19, name: "a conflict", failedSeeds: [21] });
  await commit(`${cases}/fault-19-conflict.ts`, "mended");
  const all = await soak(22, { number: 19, name: "a conflict" });
  expect(all).toMatchObject([
    { number: 9, seeds: [21] },
    { number: 19, seeds: [22], failedSeeds: [] },
  ]);
});

it("no case depends on the file of another fault, which its record would not tell", async () => {
  const folder = new URL("../cases/", import.meta.url);
  const files = await readdir(folder);
  const texts = await Promise.all(
    files.map((name) => readFile(new URL(name, folder), "utf8")),
  );
  const imported = [...texts.join("\n").matchAll(/from "\.\/([^"]*)"/g)].map(
    ([, name]) => name,
  );
  expect(imported).toContain("crowd.js");
  expect(imported.filter((name) => name?.startsWith("fault-"))).toEqual([]);
});

it("what is not committed is not recorded", async () => {
  await writeFile(join(folder, "docs/b.txt"), "new");
  await writeFile(join(folder, "apps/b.spec.ts"), "new");
  expect(nameSources(folder)(9)).toMatch(/^[0-9a-f]{16}$/);
  await writeFile(join(folder, "apps/b.txt"), "new");
  expect(() => nameSources(folder)).toThrow(/not committed/);
});
