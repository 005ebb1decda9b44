export { gather } from "./cases/crowd.js";
export { runnerOf } from "./cases/runner-of.js";
export { HEARTBEAT_TIMEOUT_SECONDS, startRig, type Rig } from "./rig/rig.js";
