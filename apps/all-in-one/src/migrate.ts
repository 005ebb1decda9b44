import { loadConfig } from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";

// A deployment's own step: brings the schema up to date and ends.
const config = loadConfig();
if (config.database.url === undefined) {
  process.stderr.write(
    "DATABASE_URL is missing: name the database to migrate.\n",
  );
  process.exitCode = 1;
} else {
  const done = await migrateDatabase(config, config.database.url);
  process.stdout.write(
    done.length === 0
      ? "The schema is up to date.\n"
      : `Applied ${done.join(", ")}.\n`,
  );
}
