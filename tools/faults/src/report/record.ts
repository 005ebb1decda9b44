import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { together, type CaseSummary } from "./summary.js";

/** What the results are about; documentation and benches change none of them. */
const sources = [
  "apps",
  "libs",
  "tools/faults",
  "tools/local-github",
  "package-lock.json",
];
/** Specs, and what puts the rounds in order and tells of them. */
const changesNothing = (path: string) =>
  /\.spec\.ts$|\/__fixtures__\/|^tools\/faults\/src\/(?:report\/|soak\/|main\.ts$|arguments\.ts$)/.test(
    path,
  );

/** The number of the fault that a file is about; undefined where it is about all. */
function faultOf(path: string): number | undefined {
  const name = /^tools\/faults\/src\/cases\/fault-(\d+)-/.exec(path);
  return name === null ? undefined : Number(name[1]);
}

/** A name for all that decides a fault's results. */
export type NameOfSources = (faultNumber: number) => string;

const recordSchema = z.array(
  z.object({
    number: z.int(),
    name: z.string(),
    backend: z.enum(["redis", "postgres"]),
    sources: z.string(),
    days: z.array(z.iso.date()),
    seeds: z.array(z.int()),
    tookMs: z.array(z.number()),
    failedSeeds: z.array(z.int()),
  }),
);

/** All rounds of a case with the same sources: a soak may take longer than a machine is there. */
export interface RecordedCase extends CaseSummary {
  /** As {@link NameOfSources} has them. */
  readonly sources: string;
}

/** Adds to what the file knows of the same sources; what it knows of others no longer counts. */
export async function addToRecord(
  file: URL,
  sourcesOf: NameOfSources,
  cases: readonly CaseSummary[],
): Promise<RecordedCase[]> {
  const record = together([
    ...(await readRecord(file, sourcesOf)),
    ...cases.map((one) => ({ ...one, sources: sourcesOf(one.number) })),
  ]);
  const eachOnItsLine = record.map((one) => JSON.stringify(one)).join(",\n");
  await writeFile(file, `[\n${eachOnItsLine}\n]\n`);
  return record;
}

/** What the file knows of these sources. */
export async function readRecord(
  file: URL,
  sourcesOf: NameOfSources,
): Promise<RecordedCase[]> {
  const text = await readFile(file, "utf8").catch(() => "[]");
  return recordSchema
    .parse(JSON.parse(text))
    .filter(({ number, sources }) => sources === sourcesOf(number));
}

/**
 * Names what is committed by git's own names of the files: those of the product and of the suite, and of the cases those
 * of the fault alone, as no other depends on them.
 *
 * @throws where something is not committed: nobody could tell what a result was about
 */
export function nameSources(folder: string): NameOfSources {
  const git = (...args: string[]) =>
    execFileSync("git", args, { encoding: "utf8", cwd: folder });
  const status = ["status", "--porcelain", "-uall", "--"];
  const changed = lines(git(...status, ...sources.map((path) => `:/${path}`)));
  if (!changed.every((line) => changesNothing(line.slice(3))))
    throw new Error(
      "The sources have changes that are not committed: results are recorded of commits only.",
    );
  const files = lines(
    git("ls-tree", "-r", "--full-tree", "HEAD", "--", ...sources),
  )
    .map((line) => ({ line, path: line.slice(line.indexOf("\t") + 1) }))
    .filter(({ path }) => !changesNothing(path));
  return (faultNumber) => {
    const isOf = ({ path }: { readonly path: string }) =>
      [undefined, faultNumber].includes(faultOf(path));
    const text = files.filter(isOf).map(({ line }) => line);
    return hash("sha256", text.join("\n"), "hex").slice(0, 16);
  };
}

const lines = (text: string): string[] =>
  text.split("\n").filter((line) => line !== "");
