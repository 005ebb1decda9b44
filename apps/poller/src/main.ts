import { runService } from "@pullwright/runtime";
import { servePoller } from "./start-poller.js";

await runService("poller", ["github"], servePoller);
