import type { Catalog } from '../catalog/catalog';
import type { MachineType } from '../catalog/machine';
import type { Placement } from '../sizing/placement';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import type { NodeDecision } from '../workload/decision';
import { findMachines } from './find-machines';

const FIELD = 'resource.instanceType';

/**
 * Decide about a Workspace with the user's own pod template: nobody knows what its pods load, so that the machine type
 * has to be named, and nothing is sized. Each pod has a node of its own.
 */
export function decideTemplate(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  catalog: Catalog,
): { readonly decision: NodeDecision | null; readonly problems: readonly Problem[] } {
  const found = findMachines(workspace, cluster, catalog);
  const problems: Problem[] = [
    ...found.problems,
    ...found.refused.map(({ code, reason }): Problem => ({
      severity: 'error',
      code,
      ...workspace.at(FIELD),
      message: reason,
      next: `"slipway catalog machines --cloud ${cluster.cloud}" lists the current ones`,
    })),
  ];
  if (found.isSearch) {
    problems.push({
      severity: 'error',
      code: 'template-without-machine-type',
      ...workspace.at(FIELD),
      message:
        'a Workspace with its own pod template has to name its machine type: there is no model to size for',
      next: `add resource.instanceType; "slipway catalog machines --cloud ${cluster.cloud}" lists them`,
    });
  }
  const candidates = problems.length > 0 ? [] : found.machines.map(unsized);
  const [placement] = candidates;
  if (placement === undefined) return { decision: null, problems };
  return { decision: { workspace, cluster, placement, candidates }, problems };
}

function unsized(machine: MachineType): Placement {
  const gpus = machine.gpu.count ?? 1;
  return {
    machine,
    nodes: 1,
    gpusPerNode: gpus,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    maxContext: 0,
    kvTokens: 0,
    usableBytes: 0,
    gpuMemoryUtilization: 0,
    ledger: [],
    pricePerHour: machine.price.perHour,
  };
}
