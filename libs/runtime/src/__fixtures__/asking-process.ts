import { isGitHubError } from "@pullwright/github";
import { loadConfig } from "@pullwright/platform";
import { openGitHub, openRuntime } from "../index.js";

// A process that asks GitHub without end, as one of several replicas.
const config = loadConfig();
const runtime = await openRuntime("asker", config);
const github = openGitHub(runtime);
const everyMs = 40;
for (;;) {
  await github.issues.get({ owner: "octo", name: "demo" }, 1).catch((error: unknown) => {
    if (!isGitHubError(error, "rate_limited")) throw error;
  });
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
