import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { createGitHub } from "@pullwright/github";
import { Poller } from "../poller.js";
import { fast } from "./polling.js";

// A poller in a process of its own, to be killed. It is told how long its lease lasts.
const leaseMs = Number(process.argv[2]);
const config = loadConfig();
const runtime = await openRuntime("poller", config);
void new Poller(runtime, createGitHub(config.github), { ...fast, leaseMs }).start();
