import { orTellWhy } from "@pullwright/runtime";
import { startAll } from "./start-all.js";
import { welcome } from "./welcome.js";

await orTellWhy("Pullwright", ["github", "two-ports"], async (config) => {
  // Listens from the first moment on: a signal during the start must not leave a Postgres behind.
  const { addresses } = await startAll(config, ({ shutdown }) =>
    shutdown.listen(),
  );
  process.stderr.write(welcome(addresses, config));
});
