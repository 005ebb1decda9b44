import { startEmbeddedPostgres } from "@pullwright/platform";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDataSource } from "../data-source.js";
import { migrate } from "../migrate.js";

// Migrates an empty database and asks TypeORM what the entities still lack; anything is drift.
const dataDir = await mkdtemp(join(tmpdir(), "pullwright-drift-"));
const postgres = await startEmbeddedPostgres({ dataDir });
try {
  await migrate(postgres.url);
  const source = createDataSource({ url: postgres.url });
  await source.initialize();
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  await source.destroy();
  if (upQueries.length > 0) {
    process.stderr.write(
      `The entities and the migrations differ:\n${upQueries.map(({ query }) => `  ${query}\n`).join("")}`,
    );
    process.exitCode = 1;
  } else {
    process.stdout.write("The migrations match the entities.\n");
  }
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
