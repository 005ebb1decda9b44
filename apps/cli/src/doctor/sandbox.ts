import { createSandbox } from "@pullwright/sandbox";
import { fail, ok, warn, type Check } from "./check.js";

const MEND =
  "Install bubblewrap (Debian: apt install bubblewrap) and allow unprivileged user namespaces; or, for code that you trust alone, set ALLOW_UNSANDBOXED_AGENTS=true.";

export const checkSandbox: Check = async ({ config }) => {
  const choice = await createSandbox({
    allowUnsandboxed: config.runner.allowUnsandboxed,
    hidden: [config.workDir],
    searchPath: config.searchPath,
  });
  if (choice.outcome === "refused")
    return [fail("sandbox", choice.message, MEND)];
  const { kind, warnings } = choice.sandbox;
  if (kind === "none")
    return [
      warn(
        "sandbox",
        "Agents run without walls: they can read this process's secrets.",
        MEND,
      ),
    ];
  const more = warnings.length > 0 ? `. ${warnings.join(" ")}` : "";
  return [ok("sandbox", `bubblewrap, tried and it holds${more}`)];
};
