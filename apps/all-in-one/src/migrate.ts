import { AppError } from "@pullwright/platform";
import { migrateDatabase, orTellWhy } from "@pullwright/runtime";

// A deployment's own step: brings the schema up to date and ends.
await orTellWhy("The migration", [], async (config) => {
  const { url } = config.database;
  if (url === undefined)
    throw new AppError(
      "configuration_invalid",
      "DATABASE_URL is missing: name the database to migrate.",
    );
  const done = await migrateDatabase(config, url);
  process.stdout.write(
    done.length === 0
      ? "The schema is up to date.\n"
      : `Applied ${done.join(", ")}.\n`,
  );
});
