import type {
  ExecutionComparison,
  PhaseDetail,
  RunComparison,
} from "@pullwright/contracts";
import type {
  ExecutionView,
  LoadedRun,
  PhaseView,
} from "@pullwright/persistence";
import { executionShape } from "./execution-shape.js";

type Measures = Pick<
  RunComparison["a"],
  | "duration_ms"
  | "total_calls"
  | "total_tokens"
  | "total_cost"
  | "diff_size"
  | "tests"
>;

/** Two executions side by side; the difference is b minus a. */
export function compareExecutions(
  [a, aPhases]: readonly [ExecutionView, readonly PhaseView[]],
  [b, bPhases]: readonly [ExecutionView, readonly PhaseView[]],
): ExecutionComparison {
  const left = { ...executionShape(a), ...broughtBy(aPhases) };
  const right = { ...executionShape(b), ...broughtBy(bPhases) };
  return {
    a: left,
    b: right,
    difference: difference(left, right),
    phases: phasesOf(aPhases, bPhases),
  };
}

/** A run with its executions, and the phases of the latest one. */
export interface ComparedRun {
  readonly run: LoadedRun;
  readonly executions: readonly ExecutionView[];
  readonly phases: readonly PhaseView[];
}

/** Two runs side by side; the difference is b minus a. */
export function compareRuns(a: ComparedRun, b: ComparedRun): RunComparison {
  const left = runSide(a);
  const right = runSide(b);
  return {
    a: left,
    b: right,
    difference: difference(left, right),
    phases: phasesOf(a.phases, b.phases),
  };
}

function runSide({ run, executions, phases }: ComparedRun): RunComparison["a"] {
  const shapes = executions.map(executionShape);
  const sum = (of: (shape: (typeof shapes)[number]) => number) =>
    shapes.reduce((total, shape) => total + of(shape), 0);
  const isAnyEnded = shapes.some(({ duration_ms }) => duration_ms !== null);
  return {
    adw_id: run.adwId,
    workflow: run.workflowName,
    status: run.state.status,
    outcome: run.state.outcome,
    executions: shapes.length,
    duration_ms: isAnyEnded ? sum((shape) => shape.duration_ms ?? 0) : null,
    total_calls: sum((shape) => shape.total_calls),
    total_tokens: sum((shape) => shape.total_tokens),
    total_cost: sum((shape) => shape.total_cost),
    ...broughtBy(phases),
  };
}

/** The commits to the code together, kept ones included, and the verdict of the last test. */
function broughtBy(
  phases: readonly PhaseView[],
): Pick<Measures, "diff_size" | "tests"> {
  const sizes = phases.flatMap(({ result }) =>
    result?.diffSize === undefined || result.planFile !== undefined
      ? []
      : [result.diffSize],
  );
  const total = (of: (size: (typeof sizes)[number]) => number) =>
    sizes.reduce((sum, size) => sum + of(size), 0);
  const commands = phases.findLast(({ result }) => result?.tests?.tested)
    ?.result?.tests?.commands;
  const passed = commands?.filter(({ exitCode }) => exitCode === 0).length ?? 0;
  return {
    diff_size: {
      files: total(({ files }) => files),
      insertions: total(({ insertions }) => insertions),
      deletions: total(({ deletions }) => deletions),
    },
    tests:
      commands === undefined
        ? null
        : { passed, failed: commands.length - passed },
  };
}

function difference(a: Measures, b: Measures): RunComparison["difference"] {
  const between = (of: (side: Measures) => number | null | undefined) => {
    const [left, right] = [of(a) ?? null, of(b) ?? null];
    return left === null || right === null ? null : right - left;
  };
  return {
    duration_ms: between((side) => side.duration_ms),
    total_calls: between((side) => side.total_calls),
    total_tokens: between((side) => side.total_tokens),
    total_cost: between((side) => side.total_cost),
    files: between((side) => side.diff_size.files),
    insertions: between((side) => side.diff_size.insertions),
    deletions: between((side) => side.diff_size.deletions),
    tests_passed: between((side) => side.tests?.passed),
    tests_failed: between((side) => side.tests?.failed),
  };
}

function phasesOf(
  a: readonly PhaseView[],
  b: readonly PhaseView[],
): RunComparison["phases"] {
  const names = new Set([...a, ...b].map(({ phase }) => phase));
  // A phase may have several rounds; the last one is what became of it.
  const lastOf = (phases: readonly PhaseView[], name: string) =>
    phases.findLast(({ phase }) => phase === name);
  return [...names].map((name) => {
    const [mine, other] = [lastOf(a, name), lastOf(b, name)];
    return {
      phase: name,
      // These columns hold what the domain wrote into them.
      a: (mine?.status ?? null) as PhaseDetail["status"] | null,
      b: (other?.status ?? null) as PhaseDetail["status"] | null,
      a_duration_ms: duration(mine),
      b_duration_ms: duration(other),
    };
  });
}

function duration(phase: PhaseView | undefined): number | null {
  const { startedAt = null, completedAt = null } = phase ?? {};
  return startedAt === null || completedAt === null
    ? null
    : completedAt.getTime() - startedAt.getTime();
}
