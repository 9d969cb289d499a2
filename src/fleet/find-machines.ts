import type { Catalog } from '../catalog/catalog';
import type { MachineType } from '../catalog/machine';
import type { OwnNodesProvisioning } from '../spec/cluster';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';
import type { Mention } from '../spec/mentions';
import { offeredBefore } from '../spec/nearest';
import type { Problem } from '../spec/problem';
import { ownMachine } from './own-machine';

const FIELD = 'resource.instanceType';

/** The machine types to size for. */
export interface FoundMachines {
  /** Named by the user, in their order; or all that the cluster may use. */
  readonly machines: readonly MachineType[];
  /** True when nobody named one: the cheapest that fits is to be found. */
  readonly isSearch: boolean;
  readonly problems: readonly Problem[];
  /** Named, but not usable: messages want to say what would fit instead. */
  readonly refused: readonly Refusal[];
}

/** A machine type that the user named and that cannot be used, with the reason. */
export interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly reason: string;
}

/** Machine types of the cluster that a search may choose from: current, fit for the catalogue's models, with a price. */
export function searchableMachines(cluster: ClusterSpec, catalog: Catalog): readonly MachineType[] {
  const named = cluster.machineTypes;
  const machines =
    named === null
      ? catalog.machines(cluster.cloud)
      : named.flatMap((name) => catalog.machine(cluster.cloud, name) ?? []);
  return machines.filter((machine) => machine.status === 'current' && machine.unfit === null);
}

/** Look the machine types of `workspace` up. */
export function findMachines(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  catalog: Catalog,
): FoundMachines {
  const names = workspace.resource.instanceTypes;
  if (cluster.nodeProvisioning.kind === 'ownNodes')
    return ownNodes(workspace, cluster, cluster.nodeProvisioning);
  if (names.length === 0) {
    return { machines: searchableMachines(cluster, catalog), isSearch: true, problems: [], refused: [] };
  }
  const machines: MachineType[] = [];
  const problems: Problem[] = [];
  const refused: Refusal[] = [];
  for (const [index, name] of names.entries()) {
    const field = fieldOf(names, index);
    const answer = lookUpMachine({ name, ...workspace.at(field) }, cluster, catalog);
    if ('severity' in answer) problems.push(answer);
    else if ('reason' in answer) refused.push(answer);
    else machines.push(answer);
  }
  return { machines, isSearch: false, problems, refused };
}

/** `resource.instanceType`, with the index where there are several. */
export function fieldOf(names: readonly string[], index: number): string {
  return names.length > 1 ? `${FIELD}[${index}]` : FIELD;
}

/** The machine type of that name: usable, refused with the reason, or not known. */
export function lookUpMachine(
  { name, field, position }: Mention,
  cluster: ClusterSpec,
  catalog: Catalog,
): MachineType | Refusal | Problem {
  const machine = catalog.machine(cluster.cloud, name);
  if (machine?.status === 'retired') {
    const date = machine.retirementDate === null ? 'retired' : `retired on ${machine.retirementDate}`;
    return { name: machine.name, code: 'retired-machine-type', reason: `${machine.name} was ${date}` };
  }
  if (machine !== undefined && machine.unfit !== null) {
    return {
      name: machine.name,
      code: 'unfit-machine-type',
      reason: `${machine.name} cannot serve: ${machine.unfit}`,
    };
  }
  if (machine !== undefined) return machine;
  const elsewhere = catalog.clouds().find((cloud) => catalog.machine(cloud, name) !== undefined);
  const nearest = catalog.nearestMachines(cluster.cloud, name);
  return {
    severity: 'error',
    code: 'unknown-machine-type',
    position,
    field,
    message:
      elsewhere === undefined
        ? `the catalogue has no machine type ${JSON.stringify(name)} for ${cluster.cloud}`
        : `${name} is a machine type of ${elsewhere}, and cluster ${cluster.name} is on ${cluster.cloud}`,
    next: offeredBefore(nearest, `"slipway catalog machines --cloud ${cluster.cloud}" lists them`),
  };
}

/** The nodes that the cluster has, as a machine type: their facts come from the Cluster. */
function ownNodes(workspace: WorkspaceSpec, cluster: ClusterSpec, own: OwnNodesProvisioning): FoundMachines {
  const problems: Problem[] =
    workspace.resource.instanceTypes.length === 0
      ? []
      : [
          {
            severity: 'error',
            code: 'machine-type-on-own-nodes',
            ...workspace.at(FIELD),
            message: `cluster ${cluster.name} runs on its own nodes, so no machine type can be asked for`,
            next: 'leave instanceType out; nodes are chosen by resource.labelSelector.matchLabels',
          },
        ];
  const machine = ownMachine(workspace, cluster, own);
  return { machines: [machine], isSearch: false, problems, refused: [] };
}
