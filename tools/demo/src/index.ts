export { makeFolder, removeFolder } from "./demo-folder.js";
export { freePorts } from "./installation/free-ports.js";
export { followRun, waitForRun } from "./follow-run.js";
export {
  readSampleIssue,
  readSampleRepository,
} from "./sample/sample-repository.js";
export { openStage, PERSON, type Stage } from "./stage.js";
