import { AppError, loadConfig, messageOf } from "@pullwright/platform";
import { startAll } from "./start-all.js";
import { welcome } from "./welcome.js";

try {
  const { runtime, addresses } = await startAll(
    loadConfig(undefined, ["github"]),
  );
  runtime.shutdown.listen();
  process.stderr.write(welcome(addresses, runtime.config));
} catch (error) {
  // What people can mend is told in words; anything else with its stack.
  const told =
    error instanceof AppError &&
    (error.expose || error.code === "configuration_invalid");
  process.stderr.write(
    `Pullwright did not start. ${told || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)}\n`,
  );
  process.exit(1);
}
