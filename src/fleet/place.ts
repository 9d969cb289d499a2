import type { Catalog } from '../catalog/catalog';
import type { Model } from '../catalog/model';
import type { MachineType } from '../catalog/machine';
import { cheapestFirst } from '../sizing/cheapest-first';
import { smallestFirst } from '../sizing/smallest-first';
import type { Misfit, Placement, SizingAnswer, SizingRequest } from '../sizing/placement';
import { sizeTraining } from '../sizing/training/size-training';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';
import { hasErrors, type Problem } from '../spec/problem';
import { reservedLoraRank, trainingRequest } from '../workload';
import { engineOptions } from './engine-options';
import { fieldOf, findMachines, searchableMachines, type FoundMachines } from './find-machines';
import type { Sizer } from './sizer';

const FIELD = 'resource.instanceType';

/** The placements of a Workspace in order of preference, or the problems that leave it without one. */
export interface Placed {
  readonly placements: readonly Placement[];
  readonly problems: readonly Problem[];
}

/** Find where `workspace` runs: each machine type that it names has to fit on its own; without one, the cheapest that fits. */
export function place(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  model: Model,
  catalog: Catalog,
  sizer: Sizer,
): Placed {
  const found = findMachines(workspace, cluster, catalog);
  const ask = question(workspace, cluster, model, sizer);
  if (found.isSearch) return search(workspace, cluster, model, ask(found.machines));
  const { placements, misfits } = ask(found.machines);
  const problems = [...found.problems];
  const alternative = () => describeSmallest(ask(searchableMachines(cluster, catalog)));
  for (const { name, code, reason } of found.refused) {
    problems.push(refusal(workspace, name, code, reason, alternative()));
  }
  const { bypassResourceChecks } = workspace.resource;
  for (const misfit of misfits) {
    const reason = `${explain(model, misfit)}${whyOneNode(workspace)}`;
    const problem = refusal(workspace, misfit.machine.name, misfit.code, reason, alternative());
    const isBypassed = bypassResourceChecks && misfit.closest !== undefined;
    const all = `${reason}; it runs all the same, as ${workspace.at('resource.bypassResourceChecks').field} says`;
    problems.push(isBypassed ? { ...problem, severity: 'warning', message: all } : problem);
  }
  if (hasErrors(problems)) return { placements: [], problems };
  const all = [...placements, ...misfits.flatMap(({ closest }) => closest ?? [])];
  const inOrder = found.machines.flatMap(
    ({ name }) => all.find(({ machine }) => machine.name === name) ?? [],
  );
  return { placements: inOrder, problems: [...problems, ...checkAlike(workspace, inOrder)] };
}

/** What sizing says of machine types. */
type Question = (machines: readonly MachineType[]) => SizingAnswer;

function question(workspace: WorkspaceSpec, cluster: ClusterSpec, model: Model, sizer: Sizer): Question {
  const { tuning, resource } = workspace;
  if (tuning !== null)
    return (machines) => sizeTraining(trainingRequest(model, tuning, machines, resource.count));
  return (machines) => sizer.size(sizingRequest(workspace, cluster, model, { machines }));
}

/** What sizing is asked, from what the user wishes. */
export function sizingRequest(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  model: Model,
  found: Pick<FoundMachines, 'machines'>,
): SizingRequest {
  const inference = workspace.inference;
  const nodes = inference?.role === undefined ? workspace.resource.count : 1;
  const contextLength = inference?.contextLength ?? null;
  const utilization = inference?.gpuMemoryUtilization ?? cluster.defaults.gpuMemoryUtilization;
  const adapters = inference?.adapters ?? [];
  return {
    model,
    machines: found.machines,
    runtime: inference?.runtime ?? 'transformers',
    ...(nodes === null ? {} : { nodes }),
    ...(contextLength === null ? {} : { contextLength }),
    concurrency: inference?.concurrency ?? 1,
    ...(utilization === null ? {} : { gpuMemoryUtilization: utilization }),
    ...(inference === null || adapters.length === 0
      ? {}
      : { adapters: { count: adapters.length, maxRank: reservedLoraRank(inference) } }),
    ...(inference === null ? {} : { engine: engineOptions(inference) }),
  };
}

function search(workspace: WorkspaceSpec, cluster: ClusterSpec, model: Model, answer: SizingAnswer): Placed {
  const best = cheapestFirst(answer)[0];
  if (best !== undefined) return { placements: [best], problems: [] };
  const { misfits } = answer;
  const closest = misfits.toSorted((a, b) => (a.missingBytes ?? Infinity) - (b.missingBytes ?? Infinity))[0];
  return {
    placements: [],
    problems: [
      {
        severity: 'error',
        code: 'model-does-not-fit',
        ...workspace.at(FIELD),
        message: `no machine type of ${cluster.cloud} fits ${model.name}${closest === undefined ? '' : `; the closest, ${closest.machine.name}: ${closest.reason}`}${whyOneNode(workspace)}`,
        next:
          workspace.tuning === null
            ? (ADVICE.get(closest?.code ?? '') ??
              'ask for a shorter contextLength or less concurrency, or choose a smaller or quantised model')
            : 'write method: qlora, a shorter max_length or a smaller per_device_train_batch_size, or choose a smaller model',
      },
    ],
  };
}

/** What to do about a misfit that no other machine type mends. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'utilization-too-high',
    'give a lower gpuMemoryUtilization, or leave it out: 0.84, or 0.82 on an A10, is taken then',
  ],
]);

function refusal(
  workspace: WorkspaceSpec,
  name: string,
  code: string,
  reason: string,
  alternative: string | null,
): Problem {
  const names = workspace.resource.instanceTypes;
  const index = names.findIndex((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const field = fieldOf(names, Math.max(index, 0));
  return {
    severity: 'error',
    code,
    ...workspace.at(field),
    message: reason,
    next:
      ADVICE.get(code) ??
      alternative ??
      'no current machine type of the cloud fits: choose a smaller or quantised model',
  };
}

function explain(model: Model, misfit: Misfit): string {
  return `${model.name} does not fit on ${misfit.machine.name}: ${misfit.reason}`;
}

/**
 * Why more nodes do not help one half of serving. Nodes divide a model into pipeline stages, and vLLM's NixlConnector, which the
 * decode half reads with, takes no part in that on either side (vllm-project/vllm#52913, open on 2026-08-19).
 */
function whyOneNode({ inference }: WorkspaceSpec): string {
  return inference?.role === undefined
    ? ''
    : `; a ${inference.role.type} half has to be on one node, since vLLM hands no KV cache over from a model that is divided over nodes`;
}

/** The smallest machine type of `answer` in words; null when none fits. */
export function describeSmallest(answer: SizingAnswer): string | null {
  const [best] = smallestFirst(answer);
  if (best === undefined) return null;
  const nodes = best.nodes === 1 ? '' : `${best.nodes} x `;
  const price = best.pricePerHour === null ? '' : `, ${best.pricePerHour.toFixed(2)} USD per hour`;
  return `smallest current type that fits: ${nodes}${best.machine.name} (context ${best.maxContext}${price})`;
}

/** One pod template serves all machine types of a list, so they have to need the same shape. */
function checkAlike(workspace: WorkspaceSpec, placements: readonly Placement[]): Problem[] {
  const [first, ...others] = placements;
  if (first === undefined) return [];
  const problems: Problem[] = [];
  for (const [index, other] of others.entries()) {
    if (shape(other) === shape(first)) continue;
    const field = fieldOf(workspace.resource.instanceTypes, index + 1);
    problems.push({
      severity: 'error',
      code: 'machine-types-differ',
      ...workspace.at(field),
      message: `${other.machine.name} would run the model as ${shape(other)}, and ${first.machine.name} as ${shape(first)}: one pod template serves the whole list`,
      next: 'list machine types with the same number of GPUs that need the same number of nodes, or make a Workspace of its own',
    });
  }
  return problems;
}

function shape({ nodes, gpusPerNode, tensorParallel, pipelineParallel, dataParallel }: Placement): string {
  return `${nodes} x ${gpusPerNode} GPUs (tensor ${tensorParallel}, pipeline ${pipelineParallel}, data ${dataParallel})`;
}
