import { runService } from "@pullwright/runtime";
import { startApi } from "./start-api.js";

await runService("api", ["github"], startApi);
