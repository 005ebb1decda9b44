import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedPostgres } from "@pullwright/platform";

/** Answers specs that ask for the test run's Postgres. */
export interface PostgresKeeper {
  /** Where to ask; the answer's body is the connection URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Speed over safety: the data does not outlive the test run. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "300",
  max_wal_size: "128MB",
};

/** Starts the keeper; Postgres itself starts with the first question. */
export async function startPostgresKeeper(): Promise<PostgresKeeper> {
  let starting: Promise<EmbeddedPostgres> | undefined;
  let folder: string | undefined;
  const start = async () => {
    folder = await mkdtemp(join(await place(), "pullwright-test-postgres-"));
    await chmod(folder, 0o711); // Run by root, Postgres is another user, who must get in.
    const { startEmbeddedPostgres } = await import("@pullwright/platform"); // Late: most runs need no database.
    return startEmbeddedPostgres({
      dataDir: join(folder, "postgres"),
      settings,
    });
  };
  const server = createServer((_request, response) => {
    starting ??= start();
    starting.then(
      ({ url }) => response.end(url),
      (error: unknown) =>
        response
          .writeHead(500)
          .end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("A listening TCP server has a port.");
  return {
    url: `http://127.0.0.1:${address.port.toString()}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      const postgres = await starting?.catch(() => undefined);
      await postgres?.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

const SPACE_BYTES = 2 * 1024 ** 3;

/** Memory where it has room: a database is 550 files, and ext4 takes five times as long to make them. */
async function place(): Promise<string> {
  const memory = "/dev/shm";
  const { bavail, bsize } = await statfs(memory).catch(() => ({
    bavail: 0,
    bsize: 0,
  }));
  return bavail * bsize >= SPACE_BYTES ? memory : tmpdir();
}
