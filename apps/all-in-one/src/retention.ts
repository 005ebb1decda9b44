import { loadConfig, messageOf } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { userInfo } from "node:os";

// The orchestrator does the same by itself, every hour; this is for whoever cannot wait, or wants to know beforehand.
const config = loadConfig();
if (config.database.url === undefined) {
  process.stderr.write(
    "DATABASE_URL is missing: an embedded database is looked after by the process that runs it.\n",
  );
  process.exitCode = 1;
} else {
  const { stores, shutdown } = await openRuntime("retention", {
    ...config,
    log: { level: "warn" },
  });
  const { retention } = stores;
  const tell = (told: object) =>
    process.stdout.write(`${JSON.stringify(told)}\n`);
  if (process.argv.includes("--dry-run"))
    tell({ would_remove: await retention.survey(config.retention) });
  else {
    const { failed, ...sweep } = await retention.sweep(
      config.retention,
      { actor: `person:${userInfo().username}`, source: "retention" },
      shutdown.signal,
    );
    tell({ ...sweep, failed: failed.map(messageOf) });
    if (failed.length > 0) process.exitCode = 1;
  }
  await shutdown.run("retention is done");
}
