import { expect, it } from "@jest/globals";
import type { ToolResult } from "@pullwright/sandbox";
import { gitFailure } from "./git-error.js";

it.each([
  // Said of git itself (`csum-file.c`, `object-file.c`, `builtin/add.c`).
  ["fatal: sha1 file 'index.lock' write error. Out of diskspace", "DISK_FULL"],
  [
    "error: unable to create temporary file: No space left on device\nerror: a.js: failed to insert into database\nerror: unable to index file 'a.js'\nfatal: adding files failed",
    "DISK_FULL",
  ],
  [
    "error: open(\"a.js\"): Permission denied\nerror: unable to index file 'a.js'\nfatal: adding files failed",
    "GIT_FAILED",
  ],
])("takes %j for %s", (stderr, code) => {
  const failed: ToolResult = {
    endedBy: "exit",
    ok: false,
    exitCode: 128,
    signal: null,
    stdout: Buffer.alloc(0),
    stderr,
    durationMs: 1,
  };
  expect(gitFailure("add", failed)).toMatchObject({ code });
});
