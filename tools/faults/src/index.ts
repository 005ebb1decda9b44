export { gather, type Crowd } from "./cases/crowd.js";
export { HEARTBEAT_TIMEOUT_SECONDS, startRig, type Rig } from "./rig/rig.js";
