import type { PromptInput } from "@pullwright/agents";
import type { PhaseRunState } from "@pullwright/domain";
import { redact } from "@pullwright/platform";
import { outlast } from "../attempt/outlast.js";
import type { PhaseContext } from "./phase-context.js";

const MAX_ARTIFACTS = 40;

/**
 * Where a run stands that goes on after a break (another attempt, round or execution): what its phases left so far, and which
 * files were kept of it. A phase that begins for the first time learns that from its handoffs.
 */
export async function progressSoFar(
  context: PhaseContext,
): Promise<Pick<PromptInput, "progress">> {
  const { claimed, parts } = context;
  const { run, phase } = claimed;
  const { execution, phases } = run.state;
  const isResumed = phase.fence > 1 || phase.round > 1 || execution > 1;
  if (!isResumed) return {};
  const done = phases.flatMap((one) => lineOf(one) ?? []);
  const artifacts = await outlast(context, () =>
    parts.stores.artifacts.list(run.id, { limit: MAX_ARTIFACTS, offset: 0 }),
  );
  const kept = artifacts.map(({ kind, name }) => `- ${kind}: ${name}`);
  const sections = [
    ...(done.length === 0 ? [] : ["Phases so far:", ...done]),
    ...(kept.length === 0
      ? []
      : ["Kept of the run, though not in the files here:", ...kept]),
  ];
  return sections.length === 0
    ? {}
    : { progress: redact(sections.join("\n"), parts.secrets) };
}

function lineOf({ definition, round, result }: PhaseRunState): string | null {
  if (result === null) return null;
  const name =
    round > 1 ? `${definition.name}, round ${round}` : definition.name;
  const said =
    result.outcome === "failed"
      ? `failed (${result.failureClass}): ${result.message}`
      : `${result.outcome}: ${result.summary}`;
  const left = [
    ...(result.planFile === undefined ? [] : [`plan ${result.planFile}`]),
    ...(result.commitSha === undefined
      ? []
      : [`commit ${result.commitSha.slice(0, 12)}`]),
  ];
  return `- ${name}: ${said}${left.length === 0 ? "" : ` [${left.join(", ")}]`}`;
}
