import { startApi } from "@pullwright/api";
import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { serveParent } from "../stage/child.js";

/** The product's API, alone in its process as in a deployment. */
const runtime = await openRuntime("bench-api", loadConfig());
const { url } = await startApi(runtime);
serveParent({ url });
