import type { Construct } from 'constructs';
import type { MachineType } from '../../catalog/machine';
import { addObject } from '../../workload/object';
import { withSuffix } from '../../workload/names';
import type { NodePoolSpec } from '../crd/node-pool-spec';
import type { CapacityRequest } from '../contract';
import { nodeObjectLabels } from '../object-labels';
import { GPU_TAINT } from '../tolerations';
import type { NodeClassRef } from './node-class';
import { nodeLabels } from './node-labels';

type Requirement = NodePoolSpec['template']['spec']['requirements'][number];

/** Empty serving nodes wait this long: pods that restart or move find their node, image and all. */
const SERVING_CONSOLIDATE_AFTER = '30m';
/** A tuning Job's node goes away soon after it: it costs money. */
const TUNING_CONSOLIDATE_AFTER = '5m';

/**
 * Generations of nodes that may be there at once. Pods alone pull nodes, so that there are as many as replicas need; but
 * after a change of machine type the emptied nodes of the old type stay a while, and a limit that counted them in
 * would keep the next replica waiting for each of them. Concluded from Karpenter's rules, not measured.
 */
const GENERATIONS = 2;

/** A NodePool of a request: which machines it buys, and how much Karpenter prefers it. */
interface Offer {
  readonly name: string;
  readonly machines: readonly MachineType[];
  readonly capacityType: 'on-demand' | 'spot';
  readonly weight?: number;
}

/** True where the nodes are kept at a number by Karpenter itself rather than pulled by pods. */
export function isStatic({ decision: { cluster }, purpose }: CapacityRequest): boolean {
  const { nodeProvisioning } = cluster;
  return (
    nodeProvisioning.kind === 'karpenter' &&
    nodeProvisioning.staticCapacity === true &&
    purpose === 'inference'
  );
}

/** Make the NodePools of `request`: one, or several by weight where the order of what is bought matters. */
export function addNodePools(scope: Construct, request: CapacityRequest, nodeClassRef: NodeClassRef): void {
  for (const offer of offersOf(request)) {
    addObject(scope, {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: offer.name, labels: nodeObjectLabels(request.decision, request.nodeGroup) },
      spec: nodePoolSpec(request, offer, nodeClassRef),
    });
  }
}

/** Karpenter's largest weight. */
const MAX_WEIGHT = 100;

/** What is bought in which order: spot before on-demand where both may be, machine types as the user lists them. */
function offersOf(request: CapacityRequest): Offer[] {
  const { capacityType } = request.decision.workspace.resource;
  const kinds = capacityType === 'spot-then-on-demand' ? (['spot', 'on-demand'] as const) : [capacityType];
  const offers = kinds.flatMap((kind) =>
    stepsOf(request).map((machines, index): Offer => {
      const parts = [
        ...(kinds.length > 1 && kind === 'spot' ? ['spot'] : []),
        ...(index > 0 ? [String(index + 1)] : []),
      ];
      const name = parts.length === 0 ? request.nodeGroup : withSuffix(request.nodeGroup, parts.join('-'));
      return { name, machines, capacityType: kind };
    }),
  );
  if (offers.length === 1) return offers;
  return offers.map((offer, index) => ({ ...offer, weight: Math.max(1, MAX_WEIGHT - index) }));
}

/**
 * The machine types in steps of preference. Within one NodePool Karpenter takes the cheapest that is to be had, so a list
 * from cheap to dear is one step; any other order needs a NodePool for each type. Static pools know no preference.
 */
function stepsOf(request: CapacityRequest): MachineType[][] {
  const machines = [...new Set(request.decision.candidates.map(({ machine }) => machine))];
  const prices = machines.map(({ price }) => price.perHour ?? Infinity);
  const isCheapestFirst = prices.every((price, index) => index === 0 || price >= (prices[index - 1] ?? 0));
  return isCheapestFirst || isStatic(request) ? [machines] : machines.map((machine) => [machine]);
}

function nodePoolSpec(request: CapacityRequest, offer: Offer, nodeClassRef: NodeClassRef): NodePoolSpec {
  return {
    ...(isStatic(request)
      ? { replicas: request.nodes, limits: { nodes: String(request.nodes) } }
      : {
          limits: {
            nodes: String(request.nodes * GENERATIONS),
            'nvidia.com/gpu': String(request.nodes * GENERATIONS * gpusOfNode(request, offer)),
          },
          ...(offer.weight !== undefined && { weight: offer.weight }),
        }),
    disruption: {
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter:
        request.purpose === 'inference' ? SERVING_CONSOLIDATE_AFTER : TUNING_CONSOLIDATE_AFTER,
      // An empty node may go; a node with a model on it stays until somebody decides otherwise.
      budgets: [
        { nodes: '100%', reasons: ['Empty'] },
        { nodes: '0', reasons: ['Drifted', 'Underutilized'] },
      ],
    },
    template: {
      metadata: { labels: nodeLabels(request) },
      spec: {
        expireAfter: 'Never',
        nodeClassRef: { group: nodeClassRef.group, kind: nodeClassRef.kind, name: nodeClassRef.name },
        requirements: requirementsOf(request, offer),
        taints: [{ ...GPU_TAINT }],
      },
    },
  };
}

/** The limit counts what machines have, not what pods ask for; any of the offer's may come. */
function gpusOfNode({ decision: { placement } }: CapacityRequest, { machines }: Offer): number {
  return Math.max(...machines.map(({ gpu }) => gpu.count ?? placement.gpusPerNode));
}

function requirementsOf({ decision }: CapacityRequest, offer: Offer): Requirement[] {
  const { machines } = offer;
  const requirements: Requirement[] = [
    isIn('node.kubernetes.io/instance-type', [...new Set(machines.map(({ name }) => name))]),
    isIn('karpenter.sh/capacity-type', [offer.capacityType]),
    isIn('kubernetes.io/arch', [...new Set(machines.map(({ arch }) => arch))]),
    isIn('kubernetes.io/os', ['linux']),
  ];
  if (decision.cluster.cloud === 'azure') {
    // Many GPU sizes have no zones: a zonal node of them never comes (karpenter-provider-azure#1002).
    requirements.push(isIn('karpenter.azure.com/placement-scope', ['regional']));
  }
  return requirements;
}

function isIn(key: string, values: readonly string[]): Requirement {
  return { key, operator: 'In', values: [...values] };
}
