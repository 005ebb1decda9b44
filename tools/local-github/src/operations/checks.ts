import { readCommit } from "../git/commits.js";
import { checkRunShape, checkSuiteShape } from "../shapes/check-shape.js";
import type {
  Actor,
  App,
  CheckRun,
  CheckSuite,
  Repository,
} from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";

type CheckRunFields = Pick<
  CheckRun,
  | "name"
  | "status"
  | "conclusion"
  | "externalId"
  | "detailsUrl"
  | "startedAt"
  | "completedAt"
  | "output"
>;

export function createCheckRun(
  world: World,
  repository: Repository,
  app: App,
  sha: string,
  fields: CheckRunFields,
  actor: Actor,
): CheckRun {
  const run: CheckRun = {
    id: world.nextId(),
    suite: suiteOf(world, repository, app, sha),
    sha,
    ...fields,
  };
  repository.checkRuns.set(run.id, run);
  tell(world, repository, run, "created", actor);
  if (run.status === "completed") tellCompleted(world, repository, run, actor);
  return run;
}

export function updateCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  fields: Partial<CheckRunFields>,
  actor: Actor,
): void {
  const wasCompleted = run.status === "completed";
  Object.assign(run, fields);
  run.suite.updatedAt = world.now();
  if (!wasCompleted && run.status === "completed")
    tellCompleted(world, repository, run, actor);
}

/** All runs of an App on a commit belong to one suite. */
function suiteOf(
  world: World,
  repository: Repository,
  app: App,
  sha: string,
): CheckSuite {
  const existing = repository.checkSuites.find(
    (suite) => suite.app === app && suite.sha === sha,
  );
  if (existing !== undefined) return existing;
  const suite: CheckSuite = {
    id: world.nextId(),
    app,
    sha,
    createdAt: world.now(),
    updatedAt: world.now(),
  };
  repository.checkSuites.push(suite);
  return suite;
}

function tell(
  world: World,
  repository: Repository,
  run: CheckRun,
  action: string,
  actor: Actor,
): void {
  const check_run = {
    ...checkRunShape(world.urls, repository, run),
    check_suite: checkSuiteShape(world.urls, repository, run.suite),
  };
  emit(world, repository, {
    event: "check_run",
    action,
    sender: actor.user,
    payload: { check_run },
  });
}

function tellCompleted(
  world: World,
  repository: Repository,
  run: CheckRun,
  actor: Actor,
): void {
  tell(world, repository, run, "completed", actor);
  const suite = checkSuiteShape(world.urls, repository, run.suite);
  if (suite.status !== "completed") return;
  const payload = async () => {
    const { sha, tree, message, author, committer } = await readCommit(
      repository.git,
      run.sha,
    );
    const head_commit = {
      id: sha,
      tree_id: tree,
      message,
      timestamp: committer.date,
      author: { name: author.name, email: author.email },
      committer: { name: committer.name, email: committer.email },
    };
    const runs = [...repository.checkRuns.values()].filter(
      (candidate) => candidate.suite === run.suite,
    );
    return {
      check_suite: {
        ...suite,
        head_commit,
        latest_check_runs_count: runs.length,
        check_runs_url: `${suite.url}/check-runs`,
        rerequestable: true,
        runs_rerequestable: true,
      },
    };
  };
  emit(world, repository, {
    event: "check_suite",
    action: "completed",
    sender: actor.user,
    payload,
  });
}
