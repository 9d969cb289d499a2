import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Cluster } from '../bench/cluster/cluster';
import { conditionOf, type Event, type Manifest } from '../bench/cluster/manifest';
import type { InstanceType } from '../bench/control-plane/instance-types';
import { eventually } from '../bench/process/eventually';
import { FOREIGN_NODE } from '../bench/surroundings/nodes';
import { madeGroups } from '../bench/tree/made-groups';
import {
  gpusPerPod,
  NODE_GROUP_LABEL,
  podCount,
  workloadsOf,
  type NodeGroup,
  type PodSpec,
  type Taint,
  type Workload,
} from '../bench/tree/fleet';

/** A node as the API server has it. */
interface Node extends Manifest {
  readonly spec: { readonly taints?: readonly Taint[] };
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
}

/** A pod as the API server has it. */
export interface Pod extends Manifest {
  readonly spec: PodSpec;
  readonly status: { readonly phase: string; readonly message?: string };
}

/** How long Karpenter may take for nodes and the scheduler for pods. */
const SCHEDULED_SECONDS = 180;

/** Longest that Karpenter may take to remove empty nodes, on a busy machine: it waits 15 s before it trusts what it saw. */
const REMOVED_SECONDS = 240;

/** Pods of a workload that are not being deleted. */
export async function podsOf(cluster: Cluster, workload: Workload): Promise<readonly Pod[]> {
  const { namespace } = workload.metadata;
  const pods = await cluster.list<Pod>('v1', 'Pod', namespace === undefined ? {} : { namespace });
  return podsAmong(pods, workload);
}

/** Those of `pods` that are a workload's and not being deleted. */
export function podsAmong(pods: readonly Pod[], { kind, metadata: { name } }: Workload): readonly Pod[] {
  const made = ownerOf(kind, name);
  return pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.ownerReferences?.some(
        (reference) => reference.kind === made.kind && made.owner.test(reference.name),
      ),
  );
}

/** Who owns the pods of a workload: the objects that its controller makes in between. */
function ownerOf(kind: string, name: string): { readonly kind: string; readonly owner: RegExp } {
  // `<deployment>-<hash>`; the leaders' set, and `<set>-<group>` of workers.
  if (kind === 'Deployment') return { kind: 'ReplicaSet', owner: new RegExp(`^${name}-[a-z0-9]+$`) };
  if (kind === 'LeaderWorkerSet') return { kind: 'StatefulSet', owner: new RegExp(`^${name}(-\\d+)?$`) };
  return { kind, owner: new RegExp(`^${name}$`) };
}

/** Wait until each workload has all its pods, running and ready, or completed where it is a Job. */
export async function everyPodRuns(cluster: Cluster, workloads: readonly Workload[]): Promise<void> {
  for (const workload of workloads) {
    const name = `${workload.kind} ${workload.metadata.namespace ?? ''}/${workload.metadata.name}`;
    await eventually(`all pods of ${name} run`, SCHEDULED_SECONDS, async () => {
      const pods = await podsOf(cluster, workload);
      const states = pods.map((pod) => {
        const scheduled = conditionOf(pod, 'PodScheduled');
        const ready = conditionOf(pod, 'Ready')?.status === 'True';
        const fine =
          workload.kind === 'Job'
            ? pod.status.phase === 'Succeeded'
            : pod.status.phase === 'Running' && ready;
        return fine
          ? 'fine'
          : `${pod.metadata.name}: ${pod.status.phase} ${scheduled?.message ?? pod.status.message ?? ''}`;
      });
      const why = await warningsOf(cluster, workload);
      deepEqual(
        states,
        Array<string>(podCount(workload)).fill('fine'),
        `pods of ${name}: ${states.join('; ')} ${why}`,
      );
    });
  }
}

/** Nodes of a group that are not on their way out. */
export async function nodesOf(cluster: Cluster, group: string): Promise<readonly Node[]> {
  const nodes = await allNodesOf(cluster, group);
  return nodes.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Nodes of a group, those on their way out as well. */
export function allNodesOf(cluster: Cluster, group: string): Promise<readonly Node[]> {
  return cluster.list<Node>('v1', 'Node', { labelSelector: `${NODE_GROUP_LABEL}=${group}` });
}

/** Wait until a group has no node, not even one on its way out. */
export async function everyNodeGoes(cluster: Cluster, { name }: NodeGroup): Promise<void> {
  await eventually(`no node of ${name} is left`, REMOVED_SECONDS, async () => {
    const nodes = await allNodesOf(cluster, name);
    deepEqual(
      nodes.map(({ metadata }) => metadata.name),
      [],
      'nodes',
    );
  });
}

/** GPUs of a machine type that Karpenter can buy. */
export function gpusOf(types: readonly InstanceType[]): (machineType: string) => number {
  return (machineType) => {
    const type = types.find(({ name }) => name === machineType);
    ok(type !== undefined, `machine type ${machineType} is in the catalogue`);
    return Number(type.resources['nvidia.com/gpu']);
  };
}

/**
 * Prove that a group has the nodes that the rendered tree promises: the machine type at `preference`, as many as its
 * pods need, with the labels and taints of its NodePool.
 */
export async function nodesArePredicted(
  cluster: Cluster,
  group: NodeGroup,
  gpus: (machineType: string) => number,
  preference = 0,
): Promise<void> {
  const machineType = group.machineTypes[preference];
  ok(machineType !== undefined, `node group ${group.name} names a machine type at place ${preference}`);
  const wanted = group.workloads.reduce(
    (sum, workload) => sum + podCount(workload) * gpusPerPod(workload),
    0,
  );
  const expected = Math.ceil(wanted / gpus(machineType));
  const nodes = await nodesOf(cluster, group.name);
  deepEqual(
    nodes.map(({ metadata }) => metadata.labels?.['node.kubernetes.io/instance-type']),
    Array<string>(expected).fill(machineType),
    `machine types of the nodes of ${group.name}`,
  );
  for (const node of nodes) {
    const pool = group.pools.find(
      ({ metadata }) => metadata.name === node.metadata.labels?.['karpenter.sh/nodepool'],
    );
    ok(pool !== undefined, `node ${node.metadata.name} belongs to a NodePool of its group`);
    for (const [label, value] of Object.entries(pool.spec.template.metadata?.labels ?? {})) {
      equal(node.metadata.labels?.[label], value, `label ${label} of node ${node.metadata.name}`);
    }
    const taints = (node.spec.taints ?? []).filter(({ key }) => !key.startsWith('karpenter.sh/'));
    deepEqual(
      taints.map(taintText).sort(),
      (pool.spec.template.spec.taints ?? []).map(taintText).sort(),
      'taints',
    );
    equal(node.status.allocatable['nvidia.com/gpu'], String(gpus(machineType)), 'GPUs of the node');
  }
}

/** Prove that no workload selects a node group that nothing makes nodes for. Where nobody rendered does, the nodes are there. */
export function everyGroupIsMade(objects: readonly Manifest[]): void {
  const made = madeGroups(objects);
  if (made.size === 0) return;
  const selected = workloadsOf(objects).flatMap(
    ({ spec }) => spec.template.spec.nodeSelector?.[NODE_GROUP_LABEL] ?? [],
  );
  deepEqual(
    selected.filter((group) => !made.has(group)),
    [],
    'node groups that are selected and not made',
  );
}

/** Prove that every pod of a workload that selects nodes of ours is on such a node. */
export async function podsStayOnTheirNodes(cluster: Cluster, groups: readonly NodeGroup[]): Promise<void> {
  const pods = await cluster.list<Pod>('v1', 'Pod');
  deepEqual(
    pods.filter(({ spec }) => spec.nodeName === FOREIGN_NODE).map(({ metadata }) => metadata.name),
    [],
    'pods on the GPU node of somebody else',
  );
  for (const group of groups) {
    const own = new Set((await nodesOf(cluster, group.name)).map(({ metadata }) => metadata.name));
    for (const workload of group.workloads) {
      for (const pod of await podsOf(cluster, workload)) {
        ok(
          own.has(pod.spec.nodeName ?? ''),
          `pod ${pod.metadata.name} is on ${pod.spec.nodeName ?? 'no node'}`,
        );
      }
    }
  }
}

/** The latest warnings about a workload and what belongs to it. */
async function warningsOf(cluster: Cluster, workload: Workload): Promise<string> {
  const { name, namespace } = workload.metadata;
  const events = await cluster.list<Event>('v1', 'Event', namespace === undefined ? {} : { namespace });
  const own = events.filter(
    ({ type, involvedObject }) => type === 'Warning' && involvedObject.name.startsWith(name),
  );
  return own
    .slice(-3)
    .map(({ reason, message }) => `[${reason}: ${message}]`)
    .join(' ');
}

function taintText({ key, value, effect }: Taint): string {
  return `${key}=${value ?? ''}:${effect}`;
}
