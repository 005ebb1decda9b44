import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { together, type CaseSummary } from "./summary.js";

/** What the results are about; documentation, benches and specs change none of them. */
const sources = [
  "apps",
  "libs",
  "tools/faults",
  "tools/local-github",
  "package-lock.json",
];
const isSpec = (line: string) => /\.spec\.ts$|\/__fixtures__\//.test(line);

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
export interface Soak {
  /** As {@link nameOfSources} has them. */
  readonly sources: string;
  /** `YYYY-MM-DD`. */
  readonly days: readonly string[];
  readonly seeds: readonly number[];
  readonly cases: readonly CaseSummary[];
}

export interface SoakPart extends Omit<Soak, "days"> {
  readonly at: Date;
}

/** Adds to what the file knows of the same sources; what it knows of others no longer counts. */
export async function addToRecord(
  file: URL,
  { sources: now, at, seeds, cases }: SoakPart,
): Promise<Soak> {
  const known = await readRecord(file, now);
  const soak: Soak = {
    sources: now,
    days: unique([...(known?.days ?? []), at.toISOString().slice(0, 10)]),
    seeds: unique([...(known?.seeds ?? []), ...seeds]),
    cases: together([...(known?.cases ?? []), ...cases]),
  };
  const { cases: all, ...about } = soak;
  const eachOnItsLine = all.map((one) => JSON.stringify(one)).join(",\n");
  await writeFile(
    file,
    `${JSON.stringify(about).slice(0, -1)},"cases":[\n${eachOnItsLine}\n]}\n`,
  );
  return soak;
}

/** What the file knows of these sources; null for nothing. */
export async function readRecord(
  file: URL,
  ofSources: string,
): Promise<Soak | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  const record = recordSchema.parse(JSON.parse(text));
  return record.sources === ofSources ? record : null;
}

/**
 * A name for what is committed, by git's own names of the files.
 *
 * @throws where something is not committed: nobody could tell what a result was about
 */
export function nameOfSources(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", cwd: folder }).trim();
  const paths = sources.map((path) => `:/${path}`);
  const changed = lines(git("status", "--porcelain", "--", ...paths));
  if (!changed.every(isSpec))
    throw new Error(
      "The sources have changes that are not committed: results are recorded of commits only.",
    );
  const files = lines(
    git("ls-tree", "-r", "--full-tree", "HEAD", "--", ...sources),
  ).filter((line) => !isSpec(line));
  return hash("sha256", files.join("\n"), "hex").slice(0, 16);
}

const lines = (text: string): string[] =>
  text.split("\n").filter((line) => line !== "");

const unique = <Value>(values: readonly Value[]): Value[] => [
  ...new Set(values),
];
