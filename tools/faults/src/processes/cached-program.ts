import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { constants, Script } from "node:vm";

/** By then a service has started, and V8 has not yet dropped what only a start needs. */
const KEEP_AFTER_MS = 5_000;

/** What a CommonJS module is given, and how this program tells what it does with a setting `KILL_POINT` that comes late. */
type Body = (
  require: NodeJS.Require,
  filename: string,
  folder: string,
  armable: (arm: (setting: string) => void) => void,
) => unknown;

/**
 * Runs a program from what V8 kept of compiling it, which the first process that runs it writes beside it. A case ends and starts
 * services a dozen times, and most of a start's CPU went into parsing the same code again.
 */
export function runCached(program: string): void {
  const cache = `${program}.cache`;
  const source = readFileSync(program, "latin1"); // ASCII only, as the bundler writes it: nothing to decode.
  const isKept = existsSync(cache);
  const script = new Script(
    `(function (require, __filename, __dirname, pullwrightArmable) {${source}\n})`,
    {
      filename: program,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(isKept ? { cachedData: readFileSync(cache) } : {}),
    },
  );
  const body = script.runInThisContext() as Body;
  body(createRequire(program), program, dirname(program), armOnSignal);
  if (isKept) return;
  setTimeout(() => {
    const own = `${cache}.${process.pid.toString()}`;
    writeFileSync(own, script.createCachedData());
    renameSync(own, cache); // Whole for whoever starts meanwhile.
  }, KEEP_AFTER_MS).unref();
}

/** A file tells what to arm; that it is gone tells that this is done. */
function armOnSignal(arm: (setting: string) => void): void {
  process.on("SIGUSR2", () => {
    const file = process.env["STRIKE_FILE"] ?? "";
    const setting = readFileSync(file, "utf8");
    arm(setting);
    console.log(`This process will strike at a kill point: ${setting}`);
    rmSync(file);
  });
}
