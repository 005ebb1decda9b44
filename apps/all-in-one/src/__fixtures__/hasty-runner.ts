import { serveAgentRunner } from "@pullwright/agent-runner";
import { runService } from "@pullwright/runtime";

// A runner that hands its phases over one second after it was told to stop.
await runService("agent-runner", ["github"], (runtime) =>
  serveAgentRunner(runtime, { drainMs: 1_000 }),
);
