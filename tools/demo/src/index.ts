export { makeFolder, removeFolder } from "./demo-folder.js";
export { followRun, waitForRun } from "./follow-run.js";
export type { Installation } from "./installation/installation.js";
export { descendantsOf } from "./installation/process-tree.js";
export { PullwrightClient } from "./installation/pullwright-client.js";
export {
  readSampleIssue,
  readSampleRepository,
} from "./sample/sample-repository.js";
export { openStage, PERSON, type Stage } from "./stage.js";
