import { once } from "node:events";
import { agentSettings } from "./choose-agent.js";
import { helpText, readArguments, type DemoAgent } from "./arguments.js";
import { playDemo } from "./demo.js";
import { DemoFailed } from "./demo-failed.js";
import { keepLog, makeFolder, removeFolder } from "./demo-folder.js";
import { InstallationFailed } from "./installation/installation.js";
import { Interrupted, listenForInterruption } from "./interruption.js";
import { readSampleRepository } from "./sample/sample-repository.js";
import { openStage, type Stage } from "./stage.js";
import { chooseView } from "./view/choose-view.js";
import { keptLines } from "./view/kept-lines.js";
import { resultLines } from "./view/result-lines.js";

process.exit(await main());

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  switch (request.kind) {
    case "help":
      process.stdout.write(helpText);
      return 0;
    case "refused":
      process.stderr.write(`${request.reason}\n\n${helpText}`);
      return 1;
    case "run":
      return run(request.agent, request.keep);
  }
}

async function run(agent: DemoAgent, keep: boolean): Promise<number> {
  const interrupted = listenForInterruption();
  const { view, paint } = chooseView(process.stdout, process.env);
  const folder = await makeFolder();
  let stage: Stage | undefined;
  try {
    stage = await openStage({
      folder,
      name: "split-the-bill",
      files: await readSampleRepository(),
      settings: await agentSettings(agent, folder),
      note: (text) => view.note(text),
      signal: interrupted,
    });
    const result = await playDemo(stage, agent, view, interrupted);
    view.close();
    view.print(resultLines(result, paint));
    if (result.pull.draft)
      throw new DemoFailed("The pull request is still a draft.");
    if (!keep) return 0;
    view.print(keptLines(stage, result.pull.number, paint));
    if (!interrupted.aborted) await once(interrupted, "abort");
    return 0;
  } catch (error) {
    view.close();
    if (interrupted.aborted) return new Interrupted().exitCode;
    await explain(error, folder);
    return 1;
  } finally {
    if (interrupted.aborted) view.note("stopping");
    await stage?.close();
    await removeFolder(folder);
  }
}

async function explain(error: unknown, folder: string): Promise<void> {
  const isExpected =
    error instanceof DemoFailed || error instanceof InstallationFailed;
  const detail = error instanceof Error ? (error.stack ?? error.message) : "";
  process.stderr.write(
    `\nThe demo failed. ${isExpected ? error.message : detail}\n`,
  );
  const log = await keepLog(folder);
  if (log !== undefined) process.stderr.write(`Pullwright's log: ${log}\n`);
}
