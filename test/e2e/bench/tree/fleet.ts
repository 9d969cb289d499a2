import type { Manifest } from '../cluster/manifest';
import type { AppliedFolder, RenderedCluster } from './rendered-tree';

/** The node label that pods of ours select their nodes by. */
export const NODE_GROUP_LABEL = 'slipway.dev/node-group';
const INSTANCE_TYPE_LABEL = 'node.kubernetes.io/instance-type';
const GPU = 'nvidia.com/gpu';

/** A kind that makes pods. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly parallelism?: number;
    readonly template: { readonly spec: PodSpec };
  };
}

/** The fields of a pod that scheduling looks at. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly image: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
}

/** A Karpenter NodePool. */
export interface NodePool extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly weight?: number;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly requirements: readonly {
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly string[];
        }[];
        readonly taints?: readonly Taint[];
      };
    };
  };
}

/** A taint of a node. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Kinds whose pods the bench's controllers make. */
const POD_MAKERS = new Set(['Deployment', 'StatefulSet', 'Job', 'LeaderWorkerSet']);

/** All objects of a cluster. */
export function objectsOf(cluster: RenderedCluster): readonly Manifest[] {
  return cluster.folders.flatMap((folder) => folder.objects);
}

/** The objects in an order that an API server without objects accepts: namespaces first. */
export function namespacesFirst(objects: readonly Manifest[]): readonly Manifest[] {
  const isNamespace = ({ kind }: Manifest): boolean => kind === 'Namespace';
  return [...objects.filter(isNamespace), ...objects.filter((object) => !isNamespace(object))];
}

export function workloadsOf(objects: readonly Manifest[]): readonly Workload[] {
  return objects
    .filter(({ kind }) => POD_MAKERS.has(kind))
    .map((object) =>
      object.kind === 'LeaderWorkerSet' ? asOneSet(object as LeaderWorkerSet) : (object as Workload),
    );
}

/** Groups of pods that serve together; leader and workers of ours have one template. */
interface LeaderWorkerSet extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly leaderWorkerTemplate: {
      readonly size?: number;
      readonly workerTemplate: Workload['spec']['template'];
    };
  };
}

/** A LeaderWorkerSet as scheduling sees it: so many pods of one template. */
function asOneSet(set: LeaderWorkerSet): Workload {
  const { replicas = 1, leaderWorkerTemplate } = set.spec;
  const { size = 1, workerTemplate } = leaderWorkerTemplate;
  return { ...set, spec: { replicas: replicas * size, template: workerTemplate } };
}

export function nodePoolsOf(objects: readonly Manifest[]): readonly NodePool[] {
  return objects.filter(({ kind }) => kind === 'NodePool') as NodePool[];
}

/** Pods that a workload has when all is well. */
export function podCount(workload: Workload): number {
  return (workload.kind === 'Job' ? workload.spec.parallelism : workload.spec.replicas) ?? 1;
}

/** GPUs that one pod of a workload asks for: those of its containers together, or of the one that runs before them. */
export function gpusPerPod({ spec }: Workload): number {
  const { containers, initContainers = [] } = spec.template.spec;
  const gpus = ({ resources }: Container): number => Number(resources?.limits?.[GPU] ?? 0);
  return Math.max(
    containers.reduce((sum, container) => sum + gpus(container), 0),
    ...initContainers.map(gpus),
  );
}

/** Machine types of a NodePool, in order of preference. */
export function machineTypesOf(pool: NodePool): readonly string[] {
  return pool.spec.template.spec.requirements.find(({ key }) => key === INSTANCE_TYPE_LABEL)?.values ?? [];
}

/** Nodes that the rendered tree promises for one node group. */
export interface NodeGroup {
  readonly name: string;
  /** NodePools of the group, the preferred one first. */
  readonly pools: readonly NodePool[];
  readonly workloads: readonly Workload[];
  /** Machine types in order of preference. */
  readonly machineTypes: readonly string[];
}

/** Whether the nodes of a group serve: those of Jobs go away after them. */
export function servesOnly({ workloads }: NodeGroup): boolean {
  return workloads.length > 0 && workloads.every(({ kind }) => kind !== 'Job');
}

/**
 * Whether the tree promises how many nodes a group has once everything has run: those that serve, and those of a single Job, which
 * Karpenter keeps for a few minutes after it.
 */
export function isPredicted(group: NodeGroup): boolean {
  return servesOnly(group) || group.workloads.length === 1;
}

/** The node groups of a cluster that Karpenter makes nodes for. */
export function nodeGroupsOf(objects: readonly Manifest[]): readonly NodeGroup[] {
  const pools = nodePoolsOf(objects);
  const names = new Set(
    pools.flatMap((pool) => pool.spec.template.metadata?.labels?.[NODE_GROUP_LABEL] ?? []),
  );
  return [...names].sort().map((name) => {
    const own = pools
      .filter((pool) => pool.spec.template.metadata?.labels?.[NODE_GROUP_LABEL] === name)
      .sort((a, b) => (b.spec.weight ?? 0) - (a.spec.weight ?? 0));
    return {
      name,
      pools: own,
      workloads: workloadsOf(objects).filter(
        ({ spec }) => spec.template.spec.nodeSelector?.[NODE_GROUP_LABEL] === name,
      ),
      machineTypes: own.flatMap(machineTypesOf),
    };
  });
}

/** The node group of a Workspace's folder: `<namespace>--<workspace>`. */
export function nodeGroupOf({ path, objects }: AppliedFolder): string {
  const [workload] = workloadsOf(objects);
  // Nodes that exist already have no such label.
  return (
    workload?.spec.template.spec.nodeSelector?.[NODE_GROUP_LABEL] ?? path.split('/').slice(-2).join('--')
  );
}
