import type { Catalog } from '../catalog/catalog';
import { mentionsOfSpec } from '../spec/mentions';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';
import { hasErrors, type Problem } from '../spec/problem';
import { checkTunable } from '../workload';
import type { Decision } from '../workload/decision';
import { checkMentions } from './check-mentions';
import { checkUncounted } from './engine-options';
import { findModel } from './find-model';
import { place } from './place';
import type { Sizer } from './sizer';

/** Options of vLLM that the placement decides; a user's value that contradicts it would not fit the pods. */
const OPTIONS_OF_PLACEMENT = {
  'tensor-parallel-size': 'tensorParallel',
  'pipeline-parallel-size': 'pipelineParallel',
  'data-parallel-size': 'dataParallel',
} as const;

/** The decision about a Workspace, or null with the errors that prevent it. */
export interface Decided {
  readonly decision: Decision | null;
  readonly problems: readonly Problem[];
}

/** Decide everything about a Workspace that follows from facts: which model, on which machines, how many, how long a context. */
export function decide(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  catalog: Catalog,
  sizer: Sizer,
): Decided {
  const found = findModel(workspace, cluster, catalog);
  const { model } = found;
  const problems = [...found.problems];
  if (model === null) {
    problems.push(...checkMentions({ ...mentionsOfSpec(workspace), model: null }, cluster, catalog, sizer));
    return { decision: null, problems };
  }
  if (workspace.tuning !== null) problems.push(...checkTunable(workspace, workspace.tuning, model));
  if (hasErrors(problems) && workspace.tuning !== null) return { decision: null, problems };
  // No machine type fits a runtime that the model does not run on: saying so of each would hide what is wrong.
  if (problems.some(({ code }) => code === 'runtime-not-supported')) {
    problems.push(...checkMentions({ ...mentionsOfSpec(workspace), model: null }, cluster, catalog, sizer));
    return { decision: null, problems };
  }
  const placed = place(workspace, cluster, model, catalog, sizer);
  const all = [...problems, ...placed.problems];
  const first = placed.placements[0];
  if (first === undefined) return { decision: null, problems: all };
  // Every machine type of the list has to hold the context that the pods are started with.
  const maxContext = Math.min(...placed.placements.map((placement) => placement.maxContext));
  const decision: Decision = {
    workspace,
    cluster,
    model,
    placement: { ...first, maxContext },
    candidates: placed.placements,
  };
  all.push(...checkOptions(decision), ...checkUncounted(workspace));
  return { decision: hasErrors(all) ? null : decision, problems: all };
}

function checkOptions({ workspace, placement }: Decision): Problem[] {
  const options = workspace.inference?.config?.vllm ?? {};
  const problems: Problem[] = [];
  for (const [option, member] of Object.entries(OPTIONS_OF_PLACEMENT)) {
    const value = options[option];
    if (value === undefined || Number(value) === placement[member]) continue;
    const field = `inference.config.vllm.${option}`;
    problems.push({
      severity: 'error',
      code: 'option-of-placement',
      ...workspace.at(field),
      message: `${option} ${JSON.stringify(value)} contradicts the placement, which uses ${placement[member]}`,
      next: `leave ${option} out; it follows from resource.instanceType and resource.count`,
    });
  }
  return problems;
}
