import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { together, type CaseSummary } from "./summary.js";

/** What the results are about; a page of documentation changes none of them. */
const sources = ["apps", "libs", "tools", "package-lock.json"];

const recordSchema = z.object({
  sources: z.string(),
  days: z.array(z.iso.date()),
  seeds: z.array(z.int()),
  cases: z.array(
    z.object({
      number: z.int(),
      name: z.string(),
      backend: z.enum(["redis", "postgres"]),
      tookMs: z.array(z.number()),
      failedSeeds: z.array(z.int()),
    }),
  ),
});

/** All rounds of the same sources: a soak may take longer than a machine is there. */
export type Soak = z.infer<typeof recordSchema>;

export interface SoakPart {
  /** As {@link namesOfSources} has them. */
  readonly sources: string;
  readonly at: Date;
  readonly seeds: readonly number[];
  readonly cases: readonly CaseSummary[];
}

/** Adds to what the file knows of the same sources; what it knows of others no longer counts. */
export async function addToRecord(
  file: URL,
  { sources: now, at, seeds, cases }: SoakPart,
): Promise<Soak> {
  const before = await readRecord(file);
  const known = before?.sources === now ? before : null;
  const soak: Soak = recordSchema.parse({
    sources: now,
    days: unique([...(known?.days ?? []), at.toISOString().slice(0, 10)]),
    seeds: unique([...(known?.seeds ?? []), ...seeds]),
    cases: together([...(known?.cases ?? []), ...cases]),
  });
  const lines = soak.cases.map((one) => JSON.stringify(one)).join(",\n");
  await writeFile(
    file,
    `${JSON.stringify({ ...soak, cases: [] }).replace(/\[\]\}$/, "")}[\n${lines}\n]}\n`,
  );
  return soak;
}

async function readRecord(file: URL): Promise<Soak | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : recordSchema.parse(JSON.parse(text));
}

/** By git's own names of what is committed; refuses what is not, since nobody could tell what a result was about. */
export function namesOfSources(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", cwd: folder }).trim();
  const paths = sources.map((path) => `:/${path}`);
  if (git("status", "--porcelain", "--", ...paths) !== "")
    throw new Error(
      "The sources have changes that are not committed: results are recorded of commits only.",
    );
  return sources
    .map((path) => git("rev-parse", "--short=12", `HEAD:${path}`))
    .join("-");
}

const unique = <Value>(values: readonly Value[]): Value[] => [
  ...new Set(values),
];
