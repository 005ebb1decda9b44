import { statfs } from "node:fs/promises";

/** Whether the disk below a folder has this share of its space left for whoever is no root. */
export async function hasRoom(folder: string, share: number): Promise<boolean> {
  const { bavail, blocks } = await statfs(folder);
  return bavail >= blocks * share;
}
