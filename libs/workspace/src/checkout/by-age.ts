import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface Aged {
  readonly name: string;
  /** When it was moved to where it lies, or 0 when it is gone meanwhile. Milliseconds since 1970. */
  readonly ctimeMs: number;
}

/** What a folder shows, the youngest first; hidden names are being made or removed. */
export async function byAge(folder: string): Promise<Aged[]> {
  const aged = await Promise.all(
    (await visible(folder)).map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null);
      return { name, ctimeMs: found?.ctimeMs ?? 0 };
    }),
  );
  return aged.sort((a, b) => b.ctimeMs - a.ctimeMs);
}

/** The names in a folder that are not hidden. */
export async function visible(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith("."));
}
