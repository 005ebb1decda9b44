import { readFile } from "node:fs/promises";
import { z } from "zod";

const manifest = z.object({ version: z.string() });

/** The version that stands in this package's manifest. */
export async function productVersion(): Promise<string> {
  const file = new URL("../../package.json", import.meta.url);
  return manifest.parse(JSON.parse(await readFile(file, "utf8"))).version;
}
