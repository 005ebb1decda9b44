import { DBOS } from "@dbos-inc/dbos-sdk";
import { given, POOL_SIZE, servePlays } from "./serve.js";

/** A durable workflow of four steps, each recorded by DBOS in Postgres. */
const run = DBOS.registerWorkflow(
  async () => {
    for (const name of ["one", "two", "three", "four"])
      await DBOS.runStep(() => Promise.resolve({ outcome: "succeeded" }), {
        name,
      });
  },
  { name: "four-steps" },
);

DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: given("DATABASE_URL"),
  systemDatabasePoolSize: POOL_SIZE,
  runAdminServer: false,
  logLevel: "error",
});
await DBOS.launch();

servePlays(run, () => undefined);
